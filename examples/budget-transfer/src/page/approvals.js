import { ask } from './api.js';
import { byId, h } from './dom.js';
import { formatTime } from './format.js';
import { showPreview } from './preview.js';
import { showCount } from './views.js';

/**
 * @typedef {import('@tidings/client').TidingsClient} TidingsClient
 * @typedef {import('@tidings/client').InboxItem} InboxItem
 * @typedef {{ id: string, colleagues: { id: string, name: string }[] }} Me
 */

/** @param {InboxItem} item */
const isOpen = (item) => item.actions.length > 0;

/**
 * Decisions of this person, open and past: the notifications that ask, with all that is needed to decide. The same two
 * buttons are in the toast and in the bell; here a reason can be given too.
 *
 * @param {TidingsClient} client
 * @param {Me} me
 */
export function showApprovals(client, me) {
  const list = byId('approvals');
  const empty = h('li', { class: 'empty card quiet' }, 'Nothing to decide. Transfers above 100,000 will wait here.');
  /** @type {Map<string, ReturnType<typeof approvalCard>>} by the notification's id */
  const cards = new Map();

  function look() {
    const items = client.inbox.getSnapshot().items.filter(({ category }) => category === 'approvals');
    showCount('approvals-count', items.filter(isOpen).length);
    for (const [id, { element }] of cards) {
      if (items.some((item) => item.id === id)) continue;
      element.remove();
      cards.delete(id);
    }
    for (const item of items) {
      const card = cards.get(item.id) ?? approvalCard(client, me, item);
      cards.set(item.id, card);
      card.show(item);
    }
    const order = [...items.filter(isOpen), ...items.filter((item) => !isOpen(item))];
    const elements = items.length > 0 ? order.map(({ id }) => cards.get(id)?.element ?? empty) : [empty];
    if (elements.some((element, at) => list.children[at] !== element)) list.replaceChildren(...elements);
  }

  client.inbox.onChange(look);
  look();
  return {
    /** @param {string} taskId brings it into view; any, where it is empty */
    reveal(taskId) {
      const card = [...cards.values()].find(({ element }) => element.dataset.task === taskId);
      card?.element.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
    },
  };
}

/**
 * @param {TidingsClient} client
 * @param {Me} me
 * @param {InboxItem} first
 */
function approvalCard(client, me, first) {
  const { id, frame } = first;
  const { data, timestamp } = frame;
  const { transfer, requester } = /** @type {{ transfer: string, requester: string }} */ (data);
  const body = h('div', { class: 'preview' });
  const form = decisionForm(client, id);
  const outcome = h('p', { class: 'outcome', role: 'status' });
  const element = h(
    'li',
    { class: 'card approval', 'data-task': transfer },
    h('p', { class: 'reference' }, h('code', {}, transfer), h('time', { dateTime: timestamp }, formatTime(timestamp))),
    h('h2', {}, String(/** @type {any} */ (frame).title)),
    h('p', { class: 'quiet' }, `Asked by ${requester}`),
    body,
    form,
    outcome,
  );
  ask(`/transfers/${transfer}/review`).then(
    ({ file_name, preview }) => showPreview(body, file_name, preview),
    (error) => body.replaceChildren(h('p', { class: 'notice' }, error.message)),
  );
  return {
    element,
    /** @param {InboxItem} item */
    show(item) {
      const open = isOpen(item);
      form.hidden = !open;
      for (const button of form.querySelectorAll('button')) button.disabled = item.answering !== null;
      element.classList.toggle('decided', !open);
      outcome.textContent = open ? '' : outcomeOf(item, me);
      outcome.dataset.action = item.answer?.action_id ?? '';
    },
  };
}

/**
 * @param {InboxItem} item
 * @param {Me} me
 */
function outcomeOf({ answer, expired, task }, me) {
  if (!answer) return expired ? 'Nobody decided in time, or it was withdrawn.' : '';
  const { action_id, user_id, username, answered_at, comment } = answer;
  const name = me.colleagues.find((person) => person.id === user_id)?.name ?? username;
  const who = user_id === me.id ? 'you' : name;
  const what = `${action_id === 'approve' ? 'Approved' : 'Rejected'} by ${who}, ${formatTime(answered_at)}`;
  const why = comment ? `: ${comment}` : '';
  /** @type {Record<string, string>} */
  const news = { processing: ' · being posted', completed: ' · posted' };
  return `${what}${why}${action_id === 'approve' ? (news[task?.status ?? ''] ?? '') : ''}`;
}

/**
 * @param {TidingsClient} client
 * @param {string} id
 */
function decisionForm(client, id) {
  const reason = h('input', { placeholder: 'Reason (optional)', 'aria-label': 'Reason', maxLength: 300 });
  const note = h('p', { class: 'notice', role: 'alert', hidden: true });
  const form = h(
    'form',
    { class: 'decision' },
    reason,
    h('button', { class: 'danger', value: 'reject' }, 'Reject'),
    h('button', { class: 'primary', value: 'approve' }, 'Approve'),
    note,
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const { value } = /** @type {HTMLButtonElement} */ (/** @type {SubmitEvent} */ (event).submitter);
    note.hidden = true;
    try {
      await client.inbox.answer(id, value, reason.value.trim() || undefined);
    } catch (error) {
      note.textContent = error instanceof Error ? error.message : String(error);
      note.hidden = false;
    }
  });
  // Enter in the field must not decide anything.
  reason.addEventListener('keydown', (event) => event.key === 'Enter' && event.preventDefault());
  return form;
}
