import fc, { type Arbitrary } from 'fast-check';
import type { AttackedServer } from '../attacks/attacked-server.ts';
import { checkAnswer, exchange, type Sent } from './answers.ts';
import { someone, type Target } from './target.ts';
import { arbitraryOf, names, oddJson, oddText, type Schema } from './values.ts';

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  schema: Schema;
}
interface Operation {
  parameters?: Parameter[];
  security?: Record<string, unknown>[];
  requestBody?: { content: { 'application/json': { schema: Schema } } };
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** One call, as fast-check makes it and shows it. */
interface Call {
  method: string;
  path: string;
  query: string;
  headers: Record<string, string>;
  body: string | null;
  as: 'back end' | 'user' | 'nobody';
}

/** Text that Node lets through in a head: without control characters and what is wider than a byte. */
const headerText = oddText.map((text) =>
  text
    .replaceAll(/[^\x20-\x7e\xa0-\xff]/g, '')
    .slice(0, 2_000)
    .trim(),
);
const pathText = oddText.map((text) => encodeURIComponent(text.toWellFormed()).slice(0, 2_000));
const raw = oddText.map((text) => text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, 500));

const oddHeaders: Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom(
    ...['accept', 'content-type', 'content-encoding', 'cookie', 'idempotency-key', 'last-event-id', 'origin', 'range'],
    ...['sec-websocket-protocol', 'upgrade-insecure-requests', 'user-agent', 'x-forwarded-host', 'x-forwarded-prefix'],
    ...['x-forwarded-proto', 'forwarded', 'expect', 'te', 'if-none-match', 'access-control-request-method'],
  ),
  headerText,
  { maxKeys: 3 },
);

function callOf(method: string, path: string, operation: Operation, document: Document): Arbitrary<Call> {
  const { parameters = [], requestBody, security = [] } = operation;
  const takesKey = security.some((one) => 'api_key' in one);
  const of = (place: Parameter['in']) => parameters.filter((parameter) => parameter.in === place);
  const textOf = ({ schema }: Parameter) => arbitraryOf(schema, document.components.schemas).map(plain);
  const query = fc.record(
    Object.fromEntries([
      ...of('query').map((one) => [
        one.name,
        fc.oneof({ weight: 8, arbitrary: textOf(one) }, { weight: 1, arbitrary: oddText }),
      ]),
    ]),
    { requiredKeys: [] },
  );
  const schema = requestBody?.content['application/json'].schema;
  const body = schema
    ? arbitraryOf(schema, document.components.schemas).map((value) => JSON.stringify(value) ?? '')
    : fc.constant('');
  return fc.record({
    method: fc.constant(method.toUpperCase()),
    path: fc
      .oneof({ weight: 5, arbitrary: names }, { weight: 2, arbitrary: pathText }, { weight: 1, arbitrary: raw })
      .map((id) => path.replace('{id}', id || '-')),
    query: fc.oneof({ weight: 9, arbitrary: query.map(encoded) }, { weight: 1, arbitrary: raw }),
    headers: fc.oneof({ weight: 8, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: oddHeaders }),
    body:
      method === 'get'
        ? fc.constant(null)
        : fc.oneof({ weight: 9, arbitrary: body }, { weight: 1, arbitrary: oddJson }),
    as: fc.oneof(
      { weight: 9, arbitrary: fc.constant(takesKey ? ('back end' as const) : ('user' as const)) },
      { weight: 1, arbitrary: fc.constantFrom('back end' as const, 'user' as const, 'nobody' as const) },
    ),
  });
}

const plain = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

const encoded = (query: Record<string, string | undefined>): string =>
  Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value).toWellFormed()).slice(0, 1_000)}`)
    .join('&');

/** Long enough that a wait for news says nothing more. */
const withoutWait = (query: string): string => query.replaceAll(/(^|&)wait=\d+/g, '$1wait=0');

function sentOf(server: AttackedServer, { method, path, query, headers, body, as }: Call): Sent {
  const credentials = {
    'back end': server.apiKey,
    user: server.token({ sub: someone(), roles: ['admin'] }),
    nobody: null,
  }[as];
  return {
    method,
    path: `${path}?${withoutWait(query)}`,
    headers: {
      ...server.stranger(),
      ...(credentials === null ? {} : { authorization: `Bearer ${credentials}` }),
      ...(body === null
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    },
    ...(body === null ? {} : { body }),
  };
}

/** Every route of the served document, with bodies, queries, headers and ids that fit it and that do not. */
export const http: Target = {
  name: 'http',
  async property(server) {
    const document = (await server.call('GET', '/openapi.json')).body as Document;
    const calls = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => callOf(method, path, operation, document)),
    );
    return fc.asyncProperty(fc.oneof(...calls), async (call) => {
      checkAnswer(await exchange(server.url, sentOf(server, call)));
    });
  },
};
