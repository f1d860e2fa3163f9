import { h } from './dom.js';
import { formatTime } from './format.js';

/**
 * @typedef {import('@tidings/client/document').DocumentVersions} DocumentVersions
 * @typedef {DocumentVersions extends { getSnapshot(): { items: readonly (infer V)[] } } ? V : never} Version
 */

/**
 * The versions of a note, as everybody in it sees them: named, looked at, brought back and deleted.
 *
 * @param {DocumentVersions} versions
 * @param {{ mayWrite: boolean, nameOf: (id: string) => string }} options
 */
export function noteVersions(versions, { mayWrite, nameOf }) {
  const problem = h('p', { class: 'notice', role: 'alert', hidden: true });
  const list = h('ol', { class: 'note-versions' });
  const state = h('p', { class: 'quiet small', role: 'status' });
  const more = h('button', { type: 'button', class: 'quiet-button', textContent: 'Older versions', hidden: true });
  /** By id: a list that changes leaves open what somebody looks at. @type {Map<string, HTMLLIElement>} */
  const rows = new Map();

  /** @param {() => Promise<unknown>} call */
  const attempt = async (call) => {
    problem.hidden = true;
    try {
      await call();
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
      problem.hidden = false;
    }
  };
  more.onclick = () => attempt(() => versions.loadMore());

  const show = () => {
    const { items, status, hasMore } = versions.getSnapshot();
    const before = new Map(rows);
    rows.clear();
    for (const version of items) rows.set(version.id, before.get(version.id) ?? rowOf(version));
    for (const { id, name } of items) {
      const title = rows.get(id)?.querySelector('strong');
      if (title && title.textContent !== name) title.textContent = name;
    }
    const shown = [...rows.values()];
    if (shown.length !== list.children.length || shown.some((row, n) => row !== list.children[n]))
      list.replaceChildren(...shown);
    more.hidden = !hasMore;
    state.textContent = sentence(status, items.length);
  };

  /** @param {Version} version */
  function rowOf({ id, kind, name, timestamp, from }) {
    const by = from ? nameOf(from.user_id) : 'the application';
    const text = h('pre', { class: 'note-version-text', tabIndex: 0, hidden: true });
    const look = button('Show', 'quiet-button', async () => {
      if (text.hidden) text.textContent = textOf(await versions.content(id));
      text.hidden = !text.hidden;
      look.textContent = text.hidden ? 'Show' : 'Hide';
    });
    const writes = mayWrite
      ? [
          button('Restore', 'quiet-button', () => versions.restore(id)),
          button('Delete', 'quiet-button', () => versions.remove(id)),
        ]
      : [];
    const made = kind === 'named' ? 'saved by' : 'restored by';
    return h(
      'li',
      { class: 'note-version-row' },
      h(
        'div',
        { class: 'note-version' },
        h('div', {}, h('strong', {}, name), h('small', {}, `${formatTime(timestamp)}, ${made} ${by}`)),
        h('div', { class: 'note-version-actions' }, look, ...writes),
      ),
      text,
    );
  }

  /** @param {string} label @param {string} look @param {() => Promise<unknown>} call */
  function button(label, look, call) {
    const one = h('button', { type: 'button', class: look, textContent: label });
    one.onclick = async () => {
      one.disabled = true;
      await attempt(call);
      one.disabled = false;
    };
    return one;
  }

  versions.onChange(show);
  show();
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'note-versions' },
    h('h2', { id: 'note-versions' }, 'Versions'),
    mayWrite ? nameForm((name) => attempt(() => versions.save(name))) : null,
    problem,
    list,
    more,
    state,
  );
}

/** @param {(name: string) => Promise<unknown>} save */
function nameForm(save) {
  const name = h('input', {
    ...{ maxLength: 200, required: true, autocomplete: 'off', placeholder: 'As agreed with the controller' },
    'aria-label': 'Name of the version',
  });
  const form = h('form', { class: 'line' }, name, h('button', { class: 'secondary' }, 'Save version'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const given = name.value;
    form.reset();
    save(given);
  });
  return form;
}

/** @param {Record<string, unknown>} content the types of a note by their names */
const textOf = ({ text }) => /** @type {{ text?: string } | undefined} */ (text)?.text || 'This version is empty.';

/** @param {string} status @param {number} count */
function sentence(status, count) {
  if (status === 'failed') return 'The versions cannot be read now. They are asked for again.';
  if (status === 'refused') return 'You may not see the versions of this note.';
  if (status === 'waiting') return 'Loading …';
  return count === 0 ? 'No version yet. What you restore is kept as one.' : '';
}
