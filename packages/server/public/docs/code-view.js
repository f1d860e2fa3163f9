import { byId, make } from '../test/dom.js';

/** Strings, with the colon of a key, and what else stands alone behind a space or bracket: numbers, true, false, null. */
const tokens = /("(?:[^"\\]|\\.)*")(\s*:)?|(?<=[\s[])(-?\d[\d.eE+-]*|true|false|null)\b/g;

/**
 * JSON, or what holds some, with its parts coloured.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
function coloured(text) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(tokens)) {
    const [whole, string, colon, other] = match;
    parts.push(text.slice(at, match.index));
    if (string) parts.push(make('span', { className: colon ? 'key' : 'string' }, string), colon ?? '');
    else parts.push(make('span', { className: 'number' }, other ?? ''));
    at = match.index + whole.length;
  }
  parts.push(text.slice(at));
  return parts;
}

/** @typedef {{ label: string, text: () => string }} Choice */

/** @param {unknown} value */
export const json = (value) => JSON.stringify(value, null, 2);

/**
 * A block of code with a title, a button that copies it, and a choice where there are several.
 * @param {string} title
 * @param {readonly Choice[]} choices
 * @returns {{ element: HTMLElement, refresh: () => void }}
 */
export function codeView(title, choices) {
  const code = make('code');
  const pre = make('pre', { tabIndex: 0, ariaLabel: title }, code);
  let chosen = 0;
  const text = () => choices[chosen]?.text() ?? '';
  const refresh = () => code.replaceChildren(...coloured(text()));
  const head = make('div', { className: 'code-head' }, make('span', {}, title));
  if (choices.length > 1)
    head.append(
      choiceOf(title, choices, (index) => {
        chosen = index;
        refresh();
      }),
    );
  else if (choices[0]?.label) head.append(make('span', { className: 'label' }, choices[0].label));
  head.append(copyButton(title, text));
  refresh();
  return { element: make('figure', { className: 'code' }, head, pre), refresh };
}

/**
 * @param {string} title
 * @param {readonly Choice[]} choices
 * @param {(index: number) => void} choose
 */
function choiceOf(title, choices, choose) {
  const options = choices.map(({ label }, index) => make('option', { value: String(index) }, label));
  const select = make('select', { ariaLabel: `${title}: which` }, ...options);
  select.addEventListener('change', () => choose(Number(select.value)));
  return select;
}

/**
 * @param {string} what
 * @param {() => string} text
 */
function copyButton(what, text) {
  const button = make('button', { type: 'button', className: 'copy', ariaLabel: `Copy: ${what}` }, 'Copy');
  button.addEventListener('click', async () => {
    const isDone = await copy(text());
    button.textContent = isDone ? 'Copied' : 'Press Ctrl+C';
    byId('said').textContent = isDone ? `Copied: ${what}` : '';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 1_600);
  });
  return button;
}

/**
 * Pages that came without TLS from elsewhere have no clipboard; there the text is copied as a selection.
 * @param {string} text
 */
async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return true;
  }
  const area = make('textarea', { value: text, className: 'off-screen' });
  document.body.append(area);
  area.select();
  const isDone = document.execCommand('copy');
  area.remove();
  return isDone;
}
