import { ask, json } from './api.js';
import { byId, h } from './dom.js';
import { formatTime } from './format.js';

/**
 * @typedef {{ id: string, title: string, message: string, audience: string, status: 'scheduled' | 'live' | 'expired' | 'retracted',
 *   deliver_at: string | null, expires_at: string | null }} Announcement as `GET /announcements` lists it
 */

/** @type {[string, string][]} seconds and what they are called */
const moments = [
  ['0', 'Now'],
  ['60', 'In a minute'],
  ['600', 'In 10 minutes'],
];
/** @type {[string, string][]} */
const lengths = [
  ['', 'Stays'],
  ['60', 'Gone after a minute'],
  ['3600', 'Gone after an hour'],
];
/** @type {[string, string][]} */
const audiences = [
  ['everyone', 'To everyone'],
  ['approvers', 'To approvers'],
];

/**
 * Announcements: made now or for later, edited and taken back.
 *
 * @param {import('@tidings/client').TidingsClient} client
 */
export function showAnnouncements(client) {
  const note = h('p', { class: 'notice', role: 'alert', hidden: true });
  const list = h('ol', { class: 'announcements' });

  /**
   * Every request is answered with how they all stand.
   *
   * @param {string} path
   * @param {RequestInit} [request]
   */
  async function change(path, request) {
    note.hidden = true;
    try {
      const { items } = await ask(path, request);
      list.replaceChildren(.../** @type {Announcement[]} */ (items).map((item) => announcementOf(item, change)));
    } catch (error) {
      note.textContent = error instanceof Error ? error.message : String(error);
      note.hidden = false;
    }
  }

  byId('announcements').append(composer(change), maintenance(change), note, list);
  const refresh = () => change('/announcements');
  refresh();
  // One was released, has expired, or was changed elsewhere.
  client.on('*', (frame) => {
    const { category, type } = /** @type {{ category?: string, type: string }} */ (frame);
    if (category === 'announcements' || type === 'retracted') refresh();
  });
}

/**
 * @param {string} label
 * @param {[string, string][]} options
 */
const choice = (label, options) =>
  h('select', { 'aria-label': label }, ...options.map(([value, text]) => h('option', { value }, text)));

/** @param {(path: string, request?: RequestInit) => Promise<void>} change */
function composer(change) {
  const value = 'The budget period Nov-26 closes Friday at 18:00.';
  const message = h('input', { id: 'message', value, maxLength: 300, required: true });
  const to = choice('To', audiences);
  const when = choice('When', moments);
  const length = choice('Until', lengths);
  const form = h(
    'form',
    { class: 'card' },
    h('h2', {}, h('label', { for: 'message' }, 'Announce')),
    h('div', { class: 'line' }, message),
    h('div', { class: 'line' }, to, when, length, h('button', { class: 'primary' }, 'Send')),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const body = {
      message: message.value,
      audience: to.value,
      in_seconds: Number(when.value),
      for_seconds: length.value ? Number(length.value) : null,
    };
    change('/announcements', json('POST', body));
  });
  return form;
}

/** @param {(path: string, request?: RequestInit) => Promise<void>} change */
function maintenance(change) {
  const button = h('button', { class: 'secondary' }, 'Announce');
  button.addEventListener('click', () =>
    change('/announcements/maintenance', json('POST', { in_seconds: 600, for_seconds: 1_800 })),
  );
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'maintenance' },
    h('div', { class: 'line' }, h('h2', { id: 'maintenance' }, 'ERP maintenance in 10 minutes'), button),
    h('p', { class: 'quiet small' }, 'A notice now, a second one when it begins. Both expire when it is over.'),
  );
}

/**
 * @param {Announcement} announcement
 * @param {(path: string, request?: RequestInit) => Promise<void>} change
 */
function announcementOf({ id, title, message, audience, status, deliver_at, expires_at }, change) {
  const path = `/announcements/${id}`;
  const isOpen = status === 'scheduled' || status === 'live';
  const words = {
    scheduled: `Goes out at ${deliver_at && formatTime(deliver_at)}`,
    live: expires_at ? `Out, until ${formatTime(expires_at)}` : 'Out',
    expired: 'Expired',
    retracted: 'Taken back',
  };
  const text = h('input', {
    value: message,
    maxLength: 300,
    required: true,
    'aria-label': 'Message',
    disabled: !isOpen,
  });
  const save = h('button', { class: 'secondary' }, 'Save');
  const withdraw = h(
    'button',
    { type: 'button', class: 'quiet-button' },
    status === 'scheduled' ? 'Cancel' : 'Retract',
  );
  withdraw.addEventListener('click', () => change(path, { method: 'DELETE' }));
  const form = h('form', { class: 'line' }, text, ...(isOpen ? [save, withdraw] : []));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    change(path, json('PATCH', { message: text.value }));
  });
  return h(
    'li',
    { class: `card announcement ${status}` },
    h(
      'p',
      { class: 'reference' },
      h('span', {}, `${title || 'Announcement'} · ${audience}`),
      h('span', { class: 'state' }, words[status]),
    ),
    ...(status === 'retracted' ? [] : [form]),
  );
}
