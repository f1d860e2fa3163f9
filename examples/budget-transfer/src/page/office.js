import { ask, json } from './api.js';
import { byId, h } from './dom.js';

/** @typedef {{ may_announce: boolean, erp: { host: string, is_simulated: boolean, behaviour: string | null } }} Me */

/** @type {[string, [string, string][]][]} */
const behaviours = [
  [
    'Works',
    [
      ['normal', 'Normal'],
      ['slow', 'Slow'],
    ],
  ],
  [
    'Goes wrong',
    [
      ['upload_fails', 'Upload to UCM fails'],
      ['load_refused', 'Interface Loader is refused'],
      ['load_fails', 'Interface Loader ends in error'],
      ['import_rejects', 'Journal Import rejects a line'],
      ['posting_fails', 'AutoPost ends in error'],
    ],
  ],
  [
    'Cannot be used',
    [
      ['rejects_logins', 'Rejects the login'],
      ['offline', 'Down for maintenance'],
    ],
  ],
];

/**
 * What surrounds the transfers: the simulator's switch, and announcements for those who may make them.
 *
 * @param {import('@tidings/client').TidingsClient} client
 * @param {Me} me
 */
export function showOffice(client, me) {
  if (me.may_announce) byId('office').append(announcement());
  byId('office').append(me.erp.is_simulated ? simulator(client, me.erp) : realErp(me.erp.host));
}

/**
 * @param {import('@tidings/client').TidingsClient} client
 * @param {Me['erp']} erp
 */
function simulator(client, { host, behaviour }) {
  const note = h('p', { class: 'quiet small', role: 'status' });
  const select = h(
    'select',
    { id: 'behaviour' },
    ...behaviours.map(([label, options]) =>
      h('optgroup', { label }, ...options.map(([value, text]) => h('option', { value }, text))),
    ),
  );
  const explain = () => {
    note.textContent = `Simulates Oracle Fusion at ${host}. ${select.value === 'normal' ? '' : 'Holds for steps that begin from now on.'}`;
  };
  select.value = behaviour ?? '';
  explain();
  select.addEventListener('change', () =>
    ask('/simulator', json('PUT', { behaviour: select.value })).then(explain, (error) => {
      note.textContent = error.message;
    }),
  );
  client.on('simulator_changed', ({ data, replayed }) => {
    if (replayed) return;
    select.value = String(/** @type {any} */ (data).behaviour);
    explain();
  });
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'erp' },
    h(
      'div',
      { class: 'line' },
      h('h2', { id: 'erp' }, 'The ERP'),
      h('label', { class: 'spoken', for: 'behaviour' }, 'The ERP behaves'),
      select,
    ),
    note,
  );
}

/** @param {string} host */
function realErp(host) {
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, 'The ERP'),
    h('p', { class: 'quiet small' }, `Transfers go to ${host}.`),
  );
}

function announcement() {
  const message = h('input', {
    id: 'message',
    value: 'The budget period Nov-26 closes Friday at 18:00.',
    maxLength: 300,
    required: true,
  });
  const audience = h(
    'select',
    { 'aria-label': 'To' },
    h('option', { value: 'all' }, 'Everyone'),
    h('option', { value: 'approver' }, 'Approvers'),
  );
  const note = h('p', { class: 'quiet small', role: 'status' });
  const form = h(
    'form',
    { class: 'card' },
    h('h2', {}, h('label', { for: 'message' }, 'Announce')),
    h('div', { class: 'line' }, message, audience, h('button', { class: 'secondary' }, 'Send')),
    note,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    ask('/announcements', json('POST', { message: message.value, role: audience.value })).then(
      () => {
        note.textContent = `Sent to ${audience.value === 'all' ? 'everyone' : 'approvers'}.`;
      },
      (error) => {
        note.textContent = error.message;
      },
    );
  });
  return form;
}
