import { make, serverUrl } from '../test/dom.js';
import { codeView, json } from './code-view.js';
import { heading } from './heading.js';
import { inline, paragraphs } from './prose.js';
import { bodyView, memberView, opened } from './schema-view.js';

/** @typedef {import('./documents.js').Operation} Operation */
/** @typedef {import('./documents.js').Media} Media */
/** @typedef {import('./documents.js').Schemas} Schemas */
/** @typedef {import('./reader.js').Reader} Reader */
/** @typedef {{ method: string, path: string, operation: Operation }} Call */

/**
 * One call: what it takes and gives on the left, how it is made on the right.
 * @param {Call} call
 * @param {Schemas} schemas
 * @param {Reader} reader
 */
export function callView(call, schemas, reader) {
  const { method, path, operation } = call;
  const what = make(
    'div',
    { className: 'what' },
    heading(3, operation.summary, `call-${operation.operationId}`),
    make(
      'p',
      { className: 'line' },
      make('span', { className: `method ${method}` }, method.toUpperCase()),
      make('code', { className: 'path' }, path),
      make('span', { className: 'who' }, whoOf(operation)),
    ),
    ...paragraphs(operation.description ?? ''),
    ...parametersView(operation, schemas),
    ...bodySection(operation, schemas),
    ...answersView(operation, schemas),
    errorsView(operation),
  );
  return make('section', { className: 'item' }, what, shownView(call, reader));
}

/**
 * Shows a call that this server makes, to an address that it was given.
 * @param {Operation} operation
 * @param {Schemas} schemas
 */
export function webhookView(operation, schemas) {
  const what = make(
    'div',
    { className: 'what' },
    heading(3, operation.summary, `call-${operation.operationId}`),
    make(
      'p',
      { className: 'line' },
      make('span', { className: 'method post' }, 'POST'),
      make('code', { className: 'path' }, 'callback_url'),
      make('span', { className: 'who' }, 'you to serve'),
    ),
    ...paragraphs(operation.description ?? ''),
    ...parametersView(operation, schemas),
    ...bodySection(operation, schemas),
  );
  const [example] = examplesOf(operation.requestBody?.content['application/json']);
  const code = codeView('Comes', [{ label: '', text: () => json(example?.value) }]);
  return make('section', { className: 'item' }, what, make('div', { className: 'shown' }, code.element));
}

/** @param {Operation} operation */
function whoOf({ security }) {
  const isBackEnd = security.some((scheme) => scheme.api_key);
  const isUser = security.some((scheme) => scheme.user_token);
  if (isBackEnd && isUser) return 'back ends and users';
  if (isBackEnd) return 'back ends';
  return isUser ? 'users' : 'anyone';
}

/**
 * @param {Operation} operation
 * @param {Schemas} schemas
 */
function parametersView({ parameters }, schemas) {
  const places = { path: 'In the path', query: 'In the query', header: 'Headers' };
  return Object.entries(places).flatMap(([place, title]) => {
    const here = parameters.filter((parameter) => parameter.in === place);
    if (here.length === 0) return [];
    const rows = here.map(({ name, description, schema, required }) =>
      memberView(
        schemas,
        name,
        { ...schema, ...(description ? { description } : {}) },
        { way: 'asked', isRequired: required },
      ),
    );
    return [make('h4', {}, title), make('ul', { className: 'members' }, ...rows)];
  });
}

/**
 * @param {Operation} operation
 * @param {Schemas} schemas
 */
function bodySection({ requestBody }, schemas) {
  const media = requestBody?.content['application/json'];
  if (!media) return [];
  const title = make(
    'h4',
    {},
    'Body',
    ...(requestBody?.required ? [] : [make('span', { className: 'type' }, ' may be left out')]),
  );
  return [title, bodyView(schemas, media.schema, 'asked')];
}

/** @param {string} status */
const isGood = (status) => status.startsWith('2');

/**
 * The answers of a call, the usual one first: what creates something says so.
 * @param {Operation} operation
 */
const answersOf = ({ responses }) =>
  Object.entries(responses).sort(([a], [b]) => Number(b === '201') - Number(a === '201') || a.localeCompare(b));

/**
 * Shows the answers to a call, except for problems.
 * @param {Operation} operation
 * @param {Schemas} schemas
 */
function answersView(operation, schemas) {
  const rows = answersOf(operation)
    .filter(([, answer]) => !answer.content?.['application/problem+json'])
    .map(([status, { description, content, headers }]) => {
      const [media] = Object.values(content ?? {});
      const carried = Object.keys(headers ?? {}).map((name) => ` with the header ${name}`);
      return make(
        'li',
        {},
        make(
          'p',
          { className: 'member' },
          make('span', { className: `status ${isGood(status) ? 'good' : 'bad'}` }, status),
          make('span', {}, ...inline(description), ...carried),
        ),
        ...(media?.examples ? [opened('Members', () => bodyView(schemas, media.schema, 'given'))] : []),
      );
    });
  return [make('h4', {}, 'Answers'), make('ul', { className: 'members answers' }, ...rows)];
}

/** @param {Operation} operation */
function errorsView({ responses }) {
  const codes = Object.entries(responses).flatMap(([status, { content }]) =>
    Object.keys(content?.['application/problem+json']?.examples ?? {}).map((code) => ({ status, code })),
  );
  const chips = codes.map(({ status, code }) =>
    make('a', { className: 'chip', href: `#error-${code}` }, make('span', {}, status), ` ${code}`),
  );
  return make('p', { className: 'errors' }, make('span', { className: 'label' }, 'Errors'), ...chips);
}

/**
 * Shows the request of a call, and its response.
 * @param {Call} call
 * @param {Reader} reader
 */
function shownView(call, reader) {
  const { requestBody } = call.operation;
  const bodies = examplesOf(requestBody?.content['application/json']);
  const ways =
    bodies.length === 0
      ? [{ label: '', body: undefined }]
      : bodies.map(({ summary, value }) => ({ label: summary, body: value }));
  const request = codeView(
    'Request',
    ways.map(({ label, body }) => ({ label, text: () => curl(call, body, reader) })),
  );
  reader.onChange(request.refresh);
  const answers = answersOf(call.operation).flatMap(([status, { content }]) =>
    Object.values(content ?? {}).flatMap((media) =>
      examplesOf(media).map(({ summary, value }) => ({ label: `${status} ${summary}`, text: () => json(value) })),
    ),
  );
  const good = answers.filter(({ label }) => isGood(label));
  const inOrder = [...good, ...answers.filter(({ label }) => !isGood(label))];
  const shown = inOrder.length > 0 && good.length > 0 ? [codeView('Answer', inOrder).element] : [];
  return make('div', { className: 'shown' }, request.element, ...shown);
}

/** @param {Media | undefined} media */
const examplesOf = (media) => Object.values(media?.examples ?? {});

/**
 * The call as a command line, with the reader's own address and keys.
 * @param {Call} call
 * @param {unknown} body
 * @param {Reader} reader
 */
function curl({ method, path, operation }, body, reader) {
  const isBackEnd = operation.security.some((scheme) => scheme.api_key);
  const isUser = !isBackEnd && operation.security.length > 0;
  const filled = operation.parameters
    .filter(({ in: place }) => place === 'path')
    .reduce((text, { name, example = '' }) => text.replace(`{${name}}`, encodeURIComponent(example)), path);
  const query = isUser && reader.token === null ? '?user=alice' : '';
  const bearer = isBackEnd ? reader.apiKey : isUser ? reader.token : null;
  return [
    `curl ${method === 'get' ? '' : `-X ${method.toUpperCase()} `}${shell(serverUrl + filled + query)}`,
    ...(bearer === null ? [] : [`-H "Authorization: Bearer ${bearer}"`]),
    ...(body === undefined ? [] : ['-H "Content-Type: application/json"', `-d ${shell(json(body))}`]),
  ].join(' \\\n  ');
}

/**
 * A word as a shell takes it.
 * @param {string} text
 */
const shell = (text) => (/^[\w:/.@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
