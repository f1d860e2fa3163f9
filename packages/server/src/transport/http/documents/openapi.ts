import { type ErrorCode, errorCodes, TidingsError } from '@tidings/protocol';
import { AnswerCallback, Problem } from '@tidings/protocol/schemas';
import Type, { type TObject, type TSchema } from 'typebox';
import { type Answer, type Body, type Endpoint, groups } from '../endpoint.ts';
import { idInQuery } from '../parameters.ts';
import { isTemporary, problem, titles } from '../problems.ts';
import { Definitions, type JsonSchema } from './definitions.ts';
import { errorGuide, messageOf } from './error-guide.ts';
import { answerCallback } from './examples/answers.ts';
import { httpSecurity, securityOf } from './security.ts';

const about = `Notifications and task progress for users, stored before they are answered for, and delivered live: over a WebSocket, as Server-Sent Events, or by long polling.

Back ends call with an API key, users with a token. Objects are snake_case; ids are strings; instants are ISO 8601 in UTC.
Every error is a problem document (RFC 9457) with \`code\`, \`message\` (what was expected, what came, what to do) and \`docs_url\`.
What is stored goes out as frames, the same in three ways: over the socket \`/ws/\` (described in \`/asyncapi.json\`), and where no WebSocket gets through as a stream of events, \`GET /api/v1/events\`, or in answers to polls, \`GET /api/v1/sync\`. A client of those two acts by \`POST /api/v1/actions\`.`;

/** Describes the HTTP API (OpenAPI 3.1) from the same endpoints that serve it. */
export function openApiDocument(endpoints: readonly Endpoint[], version: string): JsonSchema {
  const definitions = new Definitions();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of endpoints) {
    const [method, path] = endpoint.call.split(' ') as [string, string];
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(endpoint, definitions) };
  }
  return {
    openapi: '3.1.0',
    info: {
      ...{ title: 'Tidings', version, summary: 'Real-time notifications that lose nothing', description: about },
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    tags: Object.entries({ ...groups, [callbacks]: 'What this server posts to addresses of yours.' }).map(
      ([name, description]) => ({ name, description }),
    ),
    paths,
    webhooks: { [callbackName]: { post: callback(definitions) } },
    components: { schemas: definitions.schemas, securitySchemes: httpSecurity },
    'x-error-codes': errorGuide,
  };
}

/**
 * The same document, with the address by which its reader reaches this server.
 * @param server as `https://host:8000/below`, without a slash at its end
 */
export const servedAt = (server: string, document: JsonSchema): JsonSchema => ({
  ...document,
  servers: [{ url: server, description: 'This server' }],
  externalDocs: { url: `${server}/docs`, description: 'This and the frames, to read' },
});

function operation(endpoint: Endpoint, definitions: Definitions): JsonSchema {
  const { id, summary, description, group, who, params, query, headers } = endpoint;
  return {
    operationId: id,
    ...{ tags: [group], summary, ...(description === undefined ? {} : { description }) },
    security: securityOf[who],
    parameters: [
      ...parameters('path', params, definitions),
      ...parameters('query', Type.Object({ ...query?.properties, ...idInQuery(params) }), definitions),
      ...parameters('header', headers, definitions),
    ],
    ...(endpoint.body ? { requestBody: requestBody(endpoint.body, definitions) } : {}),
    responses: { ...answersOf(endpoint, definitions), ...problemsOf(endpoint, definitions) },
  };
}

/** The webhook of this server: it calls the `callback_url` of a notification that was answered. */
const callbackName = answerCallback.type;

const CallbackHeaders = Type.Object({
  'webhook-id': Type.String({ description: 'The same on every attempt: what came before under it may be passed over' }),
  'webhook-timestamp': Type.String({ description: 'Seconds since 1970' }),
  'webhook-signature': Type.String({
    description: 'By callbacks.secret (--callback-secret) of the server (Standard Webhooks 1.0)',
  }),
});

/** A chapter of its own: generators drop a chapter that has webhooks. */
const callbacks = 'Callbacks';

function callback(definitions: Definitions): JsonSchema {
  return {
    ...{ operationId: 'notificationAnswered', tags: [callbacks], summary: 'Somebody has answered' },
    description:
      'Posted to the `callback_url` of a notification, at least once, signed as Standard Webhooks are. It is tried again for 24 hours, until it is answered with 2xx within 10 s; redirects are not followed.',
    security: [],
    parameters: parameters('header', CallbackHeaders, definitions),
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: definitions.inline(AnswerCallback),
          examples: { answered: { summary: 'answered', value: answerCallback } },
        },
      },
    },
    responses: { '2XX': { description: 'Taken' } },
  };
}

function parameters(place: string, schema: TObject | undefined, definitions: Definitions): JsonSchema[] {
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => {
    const { description, examples, ...written } = definitions.of(property) as {
      description?: string;
      examples?: unknown[];
    };
    const required = !Type.IsOptional(property);
    return {
      ...{ name, in: place, required, schema: written },
      ...(description ? { description } : {}),
      ...(examples ? { example: examples[0] } : {}),
    };
  });
}

function requestBody({ schema, isOptional, examples }: Body, definitions: Definitions): JsonSchema {
  return { required: !isOptional, content: content('application/json', schema, examples, definitions) };
}

function content(
  type: string,
  schema: TSchema,
  examples: Record<string, unknown>,
  definitions: Definitions,
): JsonSchema {
  const named = Object.entries(examples).map(([summary, value]) => [
    summary.replaceAll(/\W+/g, '_'),
    { summary, value },
  ]);
  return {
    [type]: { schema: definitions.of(schema), ...(named.length > 0 ? { examples: Object.fromEntries(named) } : {}) },
  };
}

function answersOf({ answers }: Endpoint, definitions: Definitions): JsonSchema {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, type = 'application/json', examples, headers }]) => [
      status,
      {
        description,
        ...(headers ? { headers: headersOf(headers) } : {}),
        ...(schema ? { content: content(type, schema, examples, definitions) } : {}),
      },
    ]),
  );
}

const headersOf = (headers: NonNullable<Answer['headers']>): JsonSchema =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );

/** The errors that every call of a kind can have, and those that the endpoint names. */
function errorsOf({ call, who, store, errors = {} }: Endpoint): Map<ErrorCode, string> {
  // A person who is seen for the first time, or with other roles, is stored.
  const isPerson = who === 'user' || who === 'either';
  const readsBody = !call.startsWith('GET ');
  const codes: ErrorCode[] = [
    ...(readsBody || call.includes(' /api/') ? (['bad_request'] as const) : []),
    ...(who === 'anyone' ? [] : (['unauthenticated', 'too_many'] as const)),
    'origin_not_allowed',
    ...(Object.keys(errors) as ErrorCode[]),
    ...(readsBody ? (['payload_too_large', 'unsupported_media_type'] as const) : []),
    'internal',
    ...(store === 'none' && !isPerson ? [] : (['unavailable'] as const)),
    ...(store === 'writes' || isPerson ? (['storage_full'] as const) : []),
  ];
  return new Map(codes.map((code) => [code, errors[code] ?? messageOf(code)]));
}

/** The problem documents of an endpoint, by status; a status may stand for several codes. */
function problemsOf(endpoint: Endpoint, definitions: Definitions): JsonSchema {
  const byStatus = Object.groupBy(errorsOf(endpoint), ([code]) => errorCodes[code].status);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, codes = []]) => [
      status,
      {
        description: titles[Number(status)],
        ...(isTemporary(Number(status)) ? { headers: headersOf({ 'Retry-After': 'Seconds to wait' }) } : {}),
        ...(status === '401' ? { headers: headersOf({ 'WWW-Authenticate': '`Bearer`' }) } : {}),
        content: content(
          'application/problem+json',
          Problem,
          Object.fromEntries(codes.map(([code, message]) => [code, problem(new TidingsError(code, message))])),
          definitions,
        ),
      },
    ]),
  );
}
