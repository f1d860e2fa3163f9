import { actionOf, summaryOf, toneOf } from './describe.js';
import { byId, make } from './dom.js';

/** The most entries kept; older ones go. */
const kept = 500;

/** @typedef {{ row: HTMLLIElement, text: string }} Entry */

const list = byId('frames');
const count = byId('frame-count');
const filter = /** @type {HTMLInputElement} */ (byId('filter'));
const pause = byId('pause');

/** The list of frames, newest first. */
export class FrameLog {
  /** @type {Entry[]} */
  #entries = [];
  /** Entries that arrived while the list stands still; null while it runs. @type {Entry[] | null} */
  #waiting = null;

  constructor() {
    filter.addEventListener('input', () => this.#showMatching());
    pause.addEventListener('click', () => this.#toggle());
    byId('clear').addEventListener('click', () => this.#clear());
  }

  /** @param {import('./wire-tap.js').WireEvent} event */
  add(event) {
    const entry = entryOf(event);
    if (this.#waiting) this.#waiting.push(entry);
    else this.#show(entry);
    this.#count();
  }

  /** @param {Entry} entry */
  #show(entry) {
    this.#entries.push(entry);
    entry.row.hidden = !this.#matches(entry);
    list.prepend(entry.row);
    if (this.#entries.length > kept) this.#entries.shift()?.row.remove();
  }

  #toggle() {
    const waiting = this.#waiting;
    this.#waiting = waiting ? null : [];
    for (const entry of waiting ?? []) this.#show(entry);
    pause.setAttribute('aria-pressed', String(!waiting));
    this.#count();
  }

  #clear() {
    this.#entries = [];
    if (this.#waiting) this.#waiting = [];
    list.replaceChildren();
    this.#count();
  }

  #showMatching() {
    for (const entry of this.#entries) entry.row.hidden = !this.#matches(entry);
    this.#count();
  }

  /** @param {Entry} entry */
  #matches({ text }) {
    return text.includes(filter.value.trim().toLowerCase());
  }

  #count() {
    const shown = this.#entries.filter(({ row }) => !row.hidden).length;
    const all = this.#entries.length;
    const waiting = this.#waiting?.length ?? 0;
    count.textContent = `${shown === all ? all : `${shown} of ${all}`}${waiting ? `, ${waiting} waiting` : ''}`;
    pause.textContent = this.#waiting ? 'Go on' : 'Pause';
  }
}

const arrows = { in: '↓', out: '↑', open: '•', close: '•' };

/**
 * @param {import('./wire-tap.js').WireEvent} event
 * @returns {Entry}
 */
function entryOf(event) {
  const value = event.kind === 'in' || event.kind === 'out' ? parsed(event.text) : null;
  const { type, text, tone } = labelOf(event, value);
  const isReplayed = value?.replayed === true;
  const now = new Date();
  const clock = `${now.toTimeString().slice(0, 8)}.${String(now.getMilliseconds()).padStart(3, '0')}`;
  const summary = make(
    'summary',
    {},
    make('time', {}, clock),
    make('span', { className: 'mark' }, arrows[event.kind]),
    make('span', { className: 'type', title: type }, type),
    make('span', { className: 'said' }, text),
    ...(isReplayed ? [make('span', { className: 'tag', title: 'Sent again on connecting' }, 'replayed')] : []),
  );
  const details = make('details', {}, summary);
  details.addEventListener('toggle', () => details.append(bodyOf(value, event.text)), { once: true });
  const row = make('li', { className: `${tone}${isReplayed ? ' replayed' : ''}` }, details);
  return { row, text: `${type} ${text} ${event.text}`.toLowerCase() };
}

/**
 * @param {import('./wire-tap.js').WireEvent} event
 * @param {Record<string, unknown> | null} value
 */
function labelOf(event, value) {
  if (event.kind === 'open') return { type: 'socket open', text: event.text, tone: 'plumbing' };
  if (event.kind === 'close') {
    const text = `${event.code}${event.text ? ` ${event.text}` : ''}`;
    return { type: 'socket closed', text, tone: event.code === 1000 ? 'plumbing' : 'error' };
  }
  if (!value) return { type: 'unreadable', text: event.text, tone: 'error' };
  if (event.kind === 'out') return { ...actionOf(value), tone: 'plumbing' };
  return { type: String(value.type), text: summaryOf(value), tone: toneOf(value) };
}

/**
 * @param {string} text
 * @returns {Record<string, unknown> | null}
 */
function parsed(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

/** A key, a text, a number or a word of JSON. */
const token = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*|true|false|null)/g;

/**
 * JSON, indented and coloured.
 * @param {unknown} value
 * @param {string} raw
 */
function bodyOf(value, raw) {
  const text = value === null ? raw : JSON.stringify(value, null, 2);
  const body = make('pre');
  let from = 0;
  for (const match of text.matchAll(token)) {
    const [whole, string, colon = ''] = match;
    body.append(text.slice(from, match.index));
    const className = string ? (colon ? 'key' : 'string') : 'number';
    body.append(make('span', { className }, string ?? whole), colon);
    from = match.index + whole.length;
  }
  body.append(text.slice(from));
  return body;
}
