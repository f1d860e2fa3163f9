import { make, serverUrl } from '../test/dom.js';
import { codeView, json } from './code-view.js';
import { heading } from './heading.js';
import { inline, paragraphs } from './prose.js';
import { membersView, opened } from './schema-view.js';

/** @typedef {import('./documents.js').AsyncApi} AsyncApi */
/** @typedef {import('./documents.js').Message} Message */
/** @typedef {import('./documents.js').Schemas} Schemas */
/** @typedef {import('./reader.js').Reader} Reader */

/**
 * Shows the ways to connect, and the frames of each path.
 * @param {AsyncApi} asyncApi
 * @param {Schemas} schemas
 * @param {Reader} reader
 */
export function connectingView({ info, channels, components }, schemas, reader) {
  const base = serverUrl.replace(/^http/, 'ws');
  const carried = () => (reader.token === null ? 'user=alice' : `token=${reader.token}`);
  const code = codeView('Connect', [
    { label: 'wscat', text: () => `npx wscat -c "${base}/ws/?${carried()}"` },
    { label: 'JavaScript', text: () => script(base, carried()) },
  ]);
  reader.onChange(code.refresh);
  const first = codeView(
    'Comes first',
    ['connection_established', 'synced'].map((name) => ({
      label: name,
      text: () => json(components.messages[`frame.${name}`]?.examples[0]?.payload),
    })),
  );
  const rows = Object.values(channels).map(({ address, description }) =>
    make(
      'li',
      {},
      make('p', { className: 'member' }, make('code', { className: 'name' }, address)),
      make('p', { className: 'about' }, ...inline(description)),
    ),
  );
  const query = channels.main?.bindings.ws.query;
  const what = make(
    'div',
    { className: 'what' },
    heading(3, 'Connect', 'connect'),
    ...paragraphs(info.description),
    make('h4', {}, 'Paths'),
    make('ul', { className: 'members' }, ...rows),
    ...(query ? [make('h4', {}, 'In the query'), membersView(schemas, query, 'asked')] : []),
  );
  return make('section', { className: 'item' }, what, make('div', { className: 'shown' }, code.element, first.element));
}

/**
 * @param {string} base
 * @param {string} carried
 */
const script = (base, carried) => `const socket = new WebSocket('${base}/ws/?${carried}');
socket.onmessage = ({ data }) => console.log(JSON.parse(data));
socket.onopen = () => {
  socket.send(JSON.stringify({ action: 'ping', ref: 1 }));
};`;

/**
 * An action with its reply.
 * @param {Message} action
 * @param {Message} reply
 * @param {Schemas} schemas
 */
export function actionView(action, reply, schemas) {
  const what = make(
    'div',
    { className: 'what' },
    heading(3, action.title, `action-${action.title}`),
    ...aboutOf(action),
    membersView(schemas, action.payload, 'asked', (name) => name !== 'action' && name !== 'ref'),
    make('h4', {}, 'Reply'),
    membersView(schemas, reply.payload, 'given', (name) => name !== 'type' && name !== 'ref'),
  );
  const send = codeView('Send', [{ label: '', text: () => json(action.examples[0]?.payload) }]);
  const comes = codeView('Comes back', [{ label: '', text: () => json(reply.examples[0]?.payload) }]);
  return make('section', { className: 'item' }, what, make('div', { className: 'shown' }, send.element, comes.element));
}

/**
 * A frame the server sends. What many carry is put aside.
 * @param {Message} message
 * @param {Schemas} schemas
 * @param {ReadonlySet<string>} envelope
 */
export function frameView(message, schemas, envelope) {
  const { schema } = schemas.resolve(message.payload);
  const names = Object.keys(schema.properties ?? {}).filter((name) => name !== 'type');
  const isDurable = names.includes('rev');
  const isOwn = (/** @type {string} */ name) => names.includes(name) && !(isDurable && envelope.has(name));
  const isCommon = (/** @type {string} */ name) => isDurable && envelope.has(name);
  const what = make(
    'div',
    { className: 'what' },
    heading(3, message.title, `frame-${message.title}`),
    ...aboutOf(message),
    ...(names.some(isOwn) ? [membersView(schemas, message.payload, 'given', isOwn)] : []),
    ...(isDurable
      ? [opened('Members of every such frame', () => membersView(schemas, message.payload, 'given', isCommon))]
      : []),
  );
  const code = codeView('Frame', [{ label: '', text: () => json(message.examples[0]?.payload) }]);
  return make('section', { className: 'item' }, what, make('div', { className: 'shown' }, code.element));
}

/** @param {Message} message */
function aboutOf(message) {
  const later = message['x-not-served-yet'] ? [make('span', { className: 'later' }, 'not served yet')] : [];
  return [make('p', {}, ...inline(`${message.summary}.`), ' ', ...later)];
}
