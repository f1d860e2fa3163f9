import { byId, make, serverUrl } from '../test/dom.js';
import { callView, webhookView } from './call-view.js';
import { codeView } from './code-view.js';
import { showContents } from './contents.js';
import { readDocuments, Schemas } from './documents.js';
import { heading } from './heading.js';
import { inline, paragraphs } from './prose.js';
import { isDevelopment, Reader } from './reader.js';
import { actionView, connectingView, frameView } from './socket-view.js';

/** @typedef {import('./contents.js').Chapter} Chapter */
/** @typedef {import('./documents.js').OpenApi} OpenApi */
/** @typedef {import('./documents.js').AsyncApi} AsyncApi */

/**
 * A chapter of the page with its entry in the contents.
 * @param {Chapter} chapter
 * @param {string} about
 * @param {Node[]} parts
 */
function chapterView({ title, id }, about, parts) {
  return make(
    'section',
    { className: 'group' },
    make('header', {}, heading(2, title, id), ...paragraphs(about)),
    ...parts,
  );
}

/** @param {import('./documents.js').SecurityScheme} scheme */
function carrierOf({ type, in: place, name, bearerFormat }) {
  if (type === 'http') return `Authorization: Bearer <${bearerFormat ? 'token' : 'api key'}>`;
  return place === 'query' ? `?${name}=` : `Cookie: ${name}`;
}

/** @param {string} apiKey */
const hello = (apiKey) => `curl ${serverUrl}/api/v1/notifications \\
  -H "Authorization: Bearer ${apiKey}" \\
  -H "Content-Type: application/json" \\
  -d '{
  "to": { "user": "alice" },
  "title": "Hello",
  "message": "It works"
}'`;

/**
 * @param {OpenApi} openApi
 * @param {Reader} reader
 */
function introduction({ info, components }, reader) {
  const chapter = { title: 'Begin', id: 'begin', entries: [{ title: 'Who is calling', id: 'callers' }] };
  const rows = Object.values(components.securitySchemes).map((scheme) =>
    make(
      'li',
      {},
      make('p', { className: 'member' }, make('code', { className: 'name' }, carrierOf(scheme))),
      make('p', { className: 'about' }, ...inline(scheme.description)),
    ),
  );
  const first = codeView('Say hello', [{ label: '', text: () => hello(reader.apiKey) }]);
  reader.onChange(first.refresh);
  const base = codeView('Address', [{ label: '', text: () => serverUrl }]);
  const what = make(
    'div',
    { className: 'what' },
    ...paragraphs(info.description),
    reader.form(),
    heading(3, 'Who is calling', 'callers'),
    make('ul', { className: 'members' }, ...rows),
  );
  const shown = make('div', { className: 'shown' }, base.element, first.element);
  const view = make(
    'section',
    { className: 'group' },
    make(
      'header',
      {},
      heading(2, 'Tidings API', 'begin'),
      make('p', { className: 'muted' }, `Version ${info.version}`),
    ),
    make('section', { className: 'item' }, what, shown),
  );
  return { chapter, view };
}

/**
 * @param {OpenApi} openApi
 * @param {Reader} reader
 */
function callChapters({ paths, webhooks, tags, components }, reader) {
  const schemas = new Schemas(components.schemas);
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  return tags.map(({ name, description }) => {
    const here = calls.filter(({ operation }) => operation.tags.includes(name));
    const coming = Object.values(webhooks).flatMap(({ post }) => (post.tags.includes(name) ? [post] : []));
    const entries = [...here, ...coming.map((operation) => ({ method: 'hook', path: 'callback', operation }))].map(
      ({ method, path, operation }) => ({
        ...{ title: operation.summary, id: `call-${operation.operationId}`, mark: method, words: path },
      }),
    );
    const chapter = { title: name, id: `group-${name.replaceAll(/\W+/g, '-').toLowerCase()}`, entries };
    const views = here.map((call) => callView(call, schemas, reader));
    const parts = [...views, ...coming.map((operation) => webhookView(operation, schemas))];
    return { chapter, view: chapterView(chapter, description, parts) };
  });
}

/**
 * @param {AsyncApi} asyncApi
 * @param {Reader} reader
 */
function socketChapters(asyncApi, reader) {
  const { messages } = asyncApi.components;
  const schemas = new Schemas(asyncApi.components.schemas);
  const of = (/** @type {string} */ kind) => Object.entries(messages).filter(([name]) => name.startsWith(`${kind}.`));
  const actions = of('action').map(([name, action]) => ({
    action,
    reply: messages[name.replace('action', 'reply')] ?? action,
  }));
  const frames = of('frame').map(([, frame]) => frame);
  const common = schemas.resolve(messages['frame.generic_message']?.payload ?? {}).schema.properties ?? {};
  const envelope = new Set(Object.keys(common).filter((name) => name !== 'type' && name !== 'message'));
  const entry = (
    /** @type {string} */ kind,
    /** @type {import('./documents.js').Message} */ { title, summary, tags },
  ) => ({
    ...{ title, id: `${kind}-${title}`, words: `${summary} ${tags.map(({ name }) => name).join(' ')}` },
  });
  const connecting = { title: 'Sockets', id: 'sockets', entries: [{ title: 'Connect', id: 'connect' }] };
  const asking = { title: 'Actions', id: 'actions', entries: actions.map(({ action }) => entry('action', action)) };
  const coming = { title: 'Frames', id: 'frames', entries: frames.map((frame) => entry('frame', frame)) };
  return [
    {
      chapter: connecting,
      view: chapterView(
        connecting,
        'Live news for one user. Where no WebSocket gets through, the same frames come from `GET /api/v1/events` as Server-Sent Events, and from `GET /api/v1/sync` by long polling.',
        [connectingView(asyncApi, schemas, reader)],
      ),
    },
    {
      chapter: asking,
      view: chapterView(
        asking,
        'What a client sends: `action`, its members, and a `ref` of any kind that comes back with the reply.',
        actions.map(({ action, reply }) => actionView(action, reply, schemas)),
      ),
    },
    {
      chapter: coming,
      view: chapterView(
        coming,
        'What the server sends. Frames with a `rev` are kept, and sent again to those who missed them.',
        frames.map((frame) => frameView(frame, schemas, envelope)),
      ),
    },
  ];
}

/**
 * @param {OpenApi} openApi
 * @param {AsyncApi} asyncApi
 */
function codeChapters(openApi, asyncApi) {
  const errors = openApi['x-error-codes'].map(({ code, status, retryable, means, todo }) => ({
    ...{ title: code, id: `error-${code}`, means, todo },
    mark: status > 0 ? String(status) : 'client side',
    more: retryable ? 'may be repeated' : '',
  }));
  const closes = asyncApi['x-close-codes'].map(({ code, means, todo }) => ({
    ...{ title: String(code), id: `close-${code}`, means, todo, mark: '', more: '' },
  }));
  return [
    {
      ...{ title: 'Error codes', id: 'errors', rows: errors },
      about:
        'Every error has `code`, `message` and `docs_url`, over HTTP and in frames alike. The message says what was expected, what came and what to do.',
    },
    {
      ...{ title: 'Close codes', id: 'closes', rows: closes },
      about:
        'A socket that the server closes says why by its code, and more in its reason. A stream says both in its last event, `closed`, and a poll in its last item, `connection_closed`.',
    },
  ].map(({ title, id, rows, about }) => {
    const chapter = { title, id, entries: rows.map((row) => ({ title: row.title, id: row.id, words: row.means })) };
    return {
      chapter,
      view: chapterView(chapter, about, [make('dl', { className: 'codes' }, ...rows.flatMap(codeRow))]),
    };
  });
}

/** @param {{ title: string, id: string, mark: string, more: string, means: string, todo: string }} row */
function codeRow({ title, id, mark, more, means, todo }) {
  const name = heading(3, title, id);
  if (mark) name.append(make('span', { className: 'status' }, mark));
  if (more) name.append(make('span', { className: 'retryable' }, more));
  return [
    make('dt', {}, name),
    make('dd', {}, make('p', {}, ...inline(means)), make('p', { className: 'todo' }, ...inline(todo))),
  ];
}

/** Goes to what the address names, which was not there when the browser looked. */
function goToHash() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target) target.scrollIntoView();
}

try {
  const [{ openApi, asyncApi }, development] = await Promise.all([readDocuments(), isDevelopment()]);
  const reader = new Reader(development);
  const chapters = [
    introduction(openApi, reader),
    ...callChapters(openApi, reader),
    ...socketChapters(asyncApi, reader),
    ...codeChapters(openApi, asyncApi),
  ];
  byId('content').replaceChildren(...chapters.map(({ view }) => view));
  showContents(chapters.map(({ chapter }) => chapter));
  goToHash();
} catch (error) {
  byId('waiting').textContent =
    `The documents cannot be shown: ${/** @type {Error} */ (error).message}. Reload the page to try again.`;
}
