import { ask } from './api.js';
import { byId, h } from './dom.js';
import { formatTime } from './format.js';
import { problemList } from './preview.js';

/** @typedef {import('@tidings/client').TidingsClient} TidingsClient */
/** @typedef {{ task_id: string, name: string | null, owner: string | null, created_at: string }} Task as Tidings lists it */

const taskName = 'budget-transfer';
const historyLength = 20;

/**
 * This person's transfers, newest first: the history, and whatever begins from now on, in this tab or any other.
 *
 * @param {TidingsClient} client
 * @param {string} userId
 */
export function showTransfers(client, userId) {
  const list = byId('transfers');
  const empty = h('li', { class: 'empty card quiet' }, 'Nothing yet. Submit a file, and follow it here.');
  list.append(empty);
  /** @type {Map<string, HTMLElement>} by task id */
  const cards = new Map();

  /**
   * @param {string} taskId
   * @param {string} begun ISO 8601
   */
  function add(taskId, begun) {
    if (cards.has(taskId)) return;
    const card = cardOf(taskId, begun);
    const later = [...cards.values()].filter((other) => (other.dataset.begun ?? '') > begun);
    const above = later.sort((a, b) => (a.dataset.begun ?? '').localeCompare(b.dataset.begun ?? ''))[0];
    if (above) above.after(card);
    else list.prepend(card);
    cards.set(taskId, card);
    empty.remove();
  }

  function look() {
    for (const [taskId, { frame }] of client.tasks.getSnapshot()) {
      if (frame.name === taskName && !cards.has(taskId)) add(taskId, frame.timestamp);
      const after = cards.get(taskId)?.querySelector('.after');
      if (after instanceof HTMLElement) showEnding(client, after, taskId, frame);
    }
  }

  /** @param {string} query */
  async function loadHistory(query) {
    const { items, next_before } = await ask(`/api/v1/tasks?limit=${historyLength}${query}`);
    for (const { task_id, name, owner, created_at } of /** @type {Task[]} */ (items)) {
      if (name === taskName && owner === userId) add(task_id, created_at);
    }
    look();
    if (next_before === null) return;
    const older = h('li', { class: 'older' }, h('button', { class: 'quiet-button' }, 'Show older transfers'));
    older.addEventListener('click', () => {
      older.remove();
      loadHistory(`&before=${next_before}`).catch(complain);
    });
    list.append(older);
  }

  /** @param {Error} error */
  function complain(error) {
    list.append(h('li', { class: 'notice error', role: 'alert' }, error.message));
  }

  client.tasks.onChange(look);
  loadHistory('').catch(complain);
  return {
    /**
     * Brings a transfer into view.
     *
     * @param {string} taskId
     * @param {string} [begun] adds it, if it is not there yet
     */
    reveal(taskId, begun) {
      if (begun) add(taskId, begun);
      cards.get(taskId)?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
    },
  };
}

/**
 * @param {string} taskId
 * @param {string} begun
 */
function cardOf(taskId, begun) {
  const task = document.createElement('tidings-task');
  task.setAttribute('task-id', taskId);
  return h(
    'li',
    { class: 'transfer card', 'data-begun': begun, 'data-task': taskId },
    h('p', { class: 'reference' }, h('code', {}, taskId), h('time', { dateTime: begun }, formatTime(begun))),
    task,
    h('div', { class: 'after', hidden: true }),
  );
}

/**
 * The results and the next steps of a transfer that has ended.
 *
 * @param {TidingsClient} client
 * @param {HTMLElement} place
 * @param {string} taskId
 * @param {import('@tidings/client').TaskFrame} frame
 */
function showEnding(client, place, taskId, { type, rev, data, ...rest }) {
  if (place.dataset.rev === String(rev)) return;
  place.dataset.rev = String(rev);
  const card = place.parentElement;
  const { problems = [], problem_count = 0, may_repeat = false, summary = '' } = /** @type {any} */ (data);
  const hasEnding = type === 'task_error' && (problem_count > 0 || may_repeat);
  const isNewest = card?.previousElementSibling === null;
  place.hidden = !hasEnding;
  // The list says all that the task's message begins to say.
  card?.classList.toggle('listed', hasEnding && problem_count > 0);
  place.replaceChildren(
    ...(hasEnding && problem_count > 0 ? [problemList(problems, summary, isNewest)] : []),
    ...(hasEnding && may_repeat ? [retryButton(client, taskId)] : []),
  );
  const { result } = /** @type {{ result?: { expires_at?: string } }} */ (rest);
  if (result?.expires_at) expire(place, Date.parse(result.expires_at));
}

/**
 * Says in place, when the time has come, that a report is gone.
 *
 * @param {HTMLElement} place
 * @param {number} at
 */
function expire(place, at) {
  const left = at - Date.now();
  if (left > 0) return void setTimeout(() => expire(place, at), Math.min(left + 250, 3_600_000));
  place.parentElement?.classList.add('expired');
  place.hidden = false;
  place.replaceChildren(h('p', { class: 'quiet small' }, 'The report has expired.'));
}

/**
 * @param {TidingsClient} client
 * @param {string} taskId
 */
function retryButton(client, taskId) {
  const note = h('span', { class: 'quiet small', role: 'status' }, 'Nothing was booked.');
  const button = h('button', { class: 'secondary' }, 'Retry');
  button.addEventListener('click', () => {
    button.disabled = true;
    client.tasks.retry(taskId).catch((error) => {
      button.disabled = false;
      note.textContent = error.message;
    });
  });
  return h('p', { class: 'repeat' }, button, note);
}
