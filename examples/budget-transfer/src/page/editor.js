// Bundled with what it imports, and served so: see tsdown.config.ts.
import { defaultKeymap } from '@codemirror/commands';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, keymap, placeholder } from '@codemirror/view';
import { documentVersions, followDocument } from '@tidings/client/document';
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

/**
 * @typedef {import('@tidings/client/document').DocumentState} DocumentState
 * @typedef {{ id: string, name: string, color: string, colorLight: string }} Writer
 * @typedef {{ id: string, label: string, mayWrite: boolean, user: Writer, fetchToken: () => Promise<{ token: string }>,
 *   client: import('@tidings/client').TidingsClient }} NoteOptions
 */

/**
 * Opens a note: an editor for its text, who else is in it, and whether what was written is stored.
 *
 * @param {NoteOptions} options
 */
export function openNote({ id, label, mayWrite, user, fetchToken, client }) {
  const doc = new Y.Doc();
  const server = `${location.origin.replace('http', 'ws')}/ws/collaboration`;
  const provider = new WebsocketProvider(server, id, doc, { connect: false });
  const { awareness } = provider;
  const show = () => awareness.setLocalState({ user });
  show();
  const followed = followDocument(provider, { fetchToken });
  const versions = documentVersions(client, `collaboration:${id}`);
  const text = doc.getText('text');
  /** @type {HTMLMetaElement | null} */
  const nonce = document.querySelector('meta[property="csp-nonce"]');
  const view = new EditorView({
    state: EditorState.create({
      doc: text.toString(),
      extensions: [
        keymap.of([...yUndoManagerKeymap, ...defaultKeymap]),
        drawSelection(),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'true', tabindex: '0' }),
        EditorView.cspNonce.of(nonce?.nonce ?? ''),
        mayWrite ? placeholder('Write something…') : [EditorState.readOnly.of(true), EditorView.editable.of(false)],
        yCollab(text, awareness, { undoManager: mayWrite && new Y.UndoManager(text) }),
      ],
    }),
  });
  return {
    element: view.dom,
    versions,
    getState: followed.getSnapshot,
    /** Those who have the note open, oneself included, each once. */
    people() {
      const users = [...awareness.getStates().values()].map((state) => /** @type {Writer | undefined} */ (state.user));
      return [...new Map(users.flatMap((one) => (one?.id ? [[one.id, one]] : []))).values()];
    },
    /** @param {() => void} listener called when the state or the people may have changed */
    onChange(listener) {
      followed.onChange(listener);
      awareness.on('change', listener);
    },
    /** Is seen there. */
    show,
    /** Is there unseen. */
    hide: () => awareness.setLocalState(null),
    /** Ends it: what is not stored is lost. */
    end() {
      followed.close();
      versions.close();
      provider.destroy();
      view.destroy();
    },
  };
}
