import { ask } from './api.js';
import { byId, h } from './dom.js';
import { noteVersions } from './note-versions.js';
import { initialsOf } from './people.js';

/**
 * @typedef {{ id: string, name: string, summary: string, may_write: boolean, writers: string[] }} Note
 * @typedef {{ id: string, name: string, colleagues: { id: string, name: string }[] }} Me
 * @typedef {ReturnType<typeof import('./editor.js').openNote>} OpenNote
 */

/** Colours of people, which notes.css has for light and dark. */
const colors = 4;

/**
 * The notes of this person, and the one that is open: its text, which everybody in it sees change, with their cursors.
 *
 * @param {Me} me
 */
export async function showNotes(me) {
  /** @type {Note[]} */
  const notes = (await ask('/notes')).items;
  const place = byId('note');
  const links = new Map(notes.map((note) => [note.id, linkTo(note)]));
  byId('note-list').append(...[...links.values()].map((link) => h('li', {}, link)));
  if (notes.length === 0) place.append(h('p', { class: 'card quiet' }, 'No notes of yours.'));
  /** Notes that are shown, or that have something to store still. @type {Map<string, OpenNote>} */
  const open = new Map();
  addEventListener('beforeunload', (event) => {
    if ([...open.values()].some((note) => note.getState().unsaved)) event.preventDefault();
  });
  let shown = '';
  return {
    /** @param {string | null} id null where another view is shown */
    async reveal(id) {
      const note = id === null ? null : (notes.find((one) => one.id === id) ?? notes[0]);
      if (note?.id === shown) return;
      const left = open.get(shown);
      shown = note?.id ?? '';
      place.replaceChildren();
      for (const [key, link] of links) link.toggleAttribute('aria-current', key === shown);
      left?.hide();
      if (!note) return;
      const { openNote } = await import('./editor.js');
      if (shown !== note.id) return;
      const editor = open.get(note.id) ?? begin(note, openNote);
      editor.show();
      place.replaceChildren(notePage(me, note, editor), versionsOf(me, note, editor));
    },
  };

  /**
   * @param {Note} note
   * @param {typeof import('./editor.js').openNote} openNote
   */
  function begin(note, openNote) {
    const editor = openNote({
      id: note.id,
      label: note.may_write ? `Text of ${note.name}` : `Text of ${note.name}, to read`,
      mayWrite: note.may_write,
      user: { id: me.id, name: me.name, ...colorsOf(me) },
      client: window.taskNotifications.client,
      fetchToken: () => ask(`/notes/${note.id}/token`, { method: 'POST' }),
    });
    open.set(note.id, editor);
    editor.onChange(() => {
      const { unsaved, status } = editor.getState();
      if (shown === note.id || open.get(note.id) !== editor || (unsaved && status !== 'closed' && status !== 'refused'))
        return;
      open.delete(note.id);
      editor.end();
    });
    return editor;
  }
}

/** @param {Note} note */
const linkTo = ({ id, name, writers, may_write }) =>
  h(
    'a',
    { class: 'project-link', href: `#notes/${id}` },
    h('strong', {}, name),
    h('small', {}, may_write ? `${writers.length} people write` : 'To read'),
  );

/**
 * A person's colour is the same on all screens, and another than those of the others here.
 *
 * @param {Me} me
 */
function colorsOf({ id, colleagues }) {
  const ids = [id, ...colleagues.map((one) => one.id)].sort();
  const number = (ids.indexOf(id) % colors) + 1;
  return { color: `var(--writer-${number})`, colorLight: `var(--writer-${number}-light)` };
}

/**
 * @param {Me} me
 * @param {Note} note
 * @param {OpenNote} editor
 */
function notePage(me, note, editor) {
  const people = h('ul', { class: 'note-people', 'aria-label': 'In this note' });
  const status = h('p', { class: 'quiet small note-status', role: 'status' });
  const show = () => {
    status.dataset.status = editor.getState().status;
    const said = sentence(editor.getState(), note.may_write);
    if (status.textContent !== said) status.textContent = said;
    people.replaceChildren(
      ...editor.people().map(({ id, name, color }) => {
        const avatar = h('span', { class: 'avatar', 'aria-hidden': true }, initialsOf(name));
        avatar.style.setProperty('--writer', color);
        return h('li', { title: name }, avatar, h('span', { class: 'spoken' }, id === me.id ? `${name} (you)` : name));
      }),
    );
  };
  editor.onChange(show);
  show();
  return h(
    'article',
    { class: 'card note', 'aria-labelledby': 'note-name' },
    h('div', { class: 'line' }, h('h2', { id: 'note-name' }, note.name), people),
    h('p', { class: 'quiet' }, note.summary),
    editor.element,
    status,
  );
}

/**
 * @param {Me} me
 * @param {Note} note
 * @param {OpenNote} editor
 */
function versionsOf(me, note, editor) {
  const people = [me, ...me.colleagues];
  return noteVersions(editor.versions, {
    mayWrite: note.may_write,
    nameOf: (id) => people.find((person) => person.id === id)?.name ?? id,
  });
}

/**
 * @param {import('./editor.js').DocumentState} state
 * @param {boolean} mayWrite
 */
function sentence({ status, unsaved }, mayWrite) {
  if (status === 'closed') return 'This note was closed. Copy what you need, then reload the page.';
  if (status === 'loading') return 'Loading …';
  if (!mayWrite) return status === 'offline' ? 'Offline: this may be out of date.' : 'You can read this note.';
  if (status === 'offline') {
    return unsaved
      ? 'Offline: your changes are kept in this window, and sent when the connection is back.'
      : 'Offline: you can write. It is sent when the connection is back.';
  }
  if (status === 'refused') return 'You can read this note. What you have changed is not saved.';
  return status === 'saving' ? 'Saving …' : 'Saved';
}
