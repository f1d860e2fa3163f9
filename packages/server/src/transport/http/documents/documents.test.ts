import asyncApiSpecs from '@asyncapi/specs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { CloseCode, errorCodes } from '@tidings/protocol';
import { actionSchemas, frameSchemas, parseAction } from '@tidings/protocol/schemas';
import { Ajv } from 'ajv';
import { default as addFormats } from 'ajv-formats';
import fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { Schemas } from '../../../../testing/document-check.ts';
import { addRoutes, type HttpParts } from '../http-transport.ts';
import { asyncApiDocument, socketsAt } from './asyncapi.ts';
import { openApiDocument, servedAt } from './openapi.ts';

type Json = Record<string, unknown>;
interface Media {
  schema: Json;
  examples?: Record<string, { value: unknown }>;
}
interface Operation {
  operationId: string;
  tags: string[];
  security: object[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
}

/** The server's routes, as Fastify has them. */
const table: string[] = [];
const app = fastify();
app.addHook('onRoute', ({ method, url }) => {
  for (const one of [method].flat()) if (one !== 'HEAD') table.push(`${one} ${url}`);
});
const { endpoints } = addRoutes(app, {
  pages: { trySend: async () => null, folder: new URL('file:///') },
} as unknown as HttpParts);

const openApi = JSON.parse(JSON.stringify(servedAt('http://localhost:8000', openApiDocument(endpoints, '1.2.3')))) as {
  paths: Record<string, Record<string, Operation>>;
  webhooks: Record<string, Record<string, Operation>>;
  components: Json;
  'x-error-codes': { code: string }[];
};
const asyncApi = JSON.parse(JSON.stringify(socketsAt('http://localhost:8000', asyncApiDocument('1.2.3')))) as {
  components: Json & { messages: Record<string, { payload: Json; examples: { payload: Json }[] }> };
  operations: Record<
    string,
    { action: string; messages: { $ref: string }[]; reply?: { messages: { $ref: string }[] } }
  >;
  'x-close-codes': { code: number }[];
};
const operations = Object.entries(openApi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ call: `${method.toUpperCase()} ${path}`, ...operation })),
);

const webhooks = Object.entries(openApi.webhooks).map(([name, { post }]) => ({ call: name, ...(post as Operation) }));

/** Everything a document refers to. */
function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => (name === '$ref' ? [String(inner)] : refsIn(inner)));
}

const targetOf = (document: unknown, ref: string): unknown =>
  ref
    .slice(2)
    .split('/')
    .reduce((value, name) => (value as Json | undefined)?.[name], document);

describe('the document of the HTTP API', () => {
  test('is OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(openApi) as unknown as Json);
    expect(result).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  test('has every route of the server and no other, but for what its pages load', () => {
    const described = operations.map(({ call }) => call.replaceAll(/\{(\w+)\}/g, ':$1'));
    const served = table.filter((call) => !/^(GET|POST) \/((test|docs)\/|tidings-|$)/.test(call));
    expect(described.sort()).toEqual(served.sort());
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  test('holds to its schemas in every example', () => {
    const schemas = new Schemas(openApi.components);
    const misfits: (string | null)[] = [];
    let count = 0;
    for (const { call, requestBody, responses } of [...operations, ...webhooks]) {
      const bodies = [requestBody, ...Object.values(responses)].flatMap((part) => Object.values(part?.content ?? {}));
      for (const { schema, examples = {} } of bodies) {
        for (const [name, { value }] of Object.entries(examples)) {
          count++;
          misfits.push(schemas.misfit(`${call}, ${name}`, schema, value));
        }
      }
    }
    expect(misfits.filter((misfit) => misfit !== null)).toEqual([]);
    expect(count).toBeGreaterThan(100);
  });

  test('shows an example of every JSON body it takes and gives', () => {
    const bare = operations
      .filter(({ call }) => !call.endsWith('api.json'))
      .flatMap(({ call, requestBody, responses }) =>
        [requestBody, ...Object.values(responses)].flatMap((part) =>
          Object.entries(part?.content ?? {}).flatMap(([type, { examples }]) =>
            type.includes('json') && !examples ? [call] : [],
          ),
        ),
      );
    expect(bare).toEqual([]);
  });

  test('says of every call who may make it and what may go wrong', () => {
    for (const { call, security, responses } of operations) {
      expect(responses, call).toHaveProperty('403');
      expect(responses, call).toHaveProperty('500');
      expect(Object.hasOwn(responses, '401'), call).toBe(security.length > 0);
    }
    expect(openApi['x-error-codes'].map(({ code }) => code)).toEqual(Object.keys(errorCodes));
  });

  test('refers to nothing that it has not', () => {
    expect(refsIn(openApi).filter((ref) => targetOf(openApi, ref) === undefined)).toEqual([]);
  });
});

/** Every schema of the document, with where it stands. */
function schemasIn(value: unknown, place = ''): { place: string; schema: Json }[] {
  if (typeof value !== 'object' || value === null) return [];
  const isSchema = ['type', 'enum', 'anyOf', 'oneOf', '$ref', 'const'].some((name) => Object.hasOwn(value, name));
  return [
    ...(isSchema ? [{ place, schema: value as Json }] : []),
    ...Object.entries(value)
      .filter(([name]) => name !== 'example' && name !== 'examples')
      .flatMap(([name, inner]) => schemasIn(inner, `${place}/${name}`)),
  ];
}

describe('generators of clients', () => {
  const { components, paths } = openApi;
  const schemas = schemasIn({ components: { schemas: components.schemas }, paths });
  const placesOf = (fits: (schema: Json) => boolean) =>
    schemas.filter(({ schema }) => fits(schema)).map(({ place }) => place);

  test('find no construct that they stumble over', () => {
    expect(schemas.length).toBeGreaterThan(500);
    expect(placesOf(({ const: only }) => only !== undefined)).toEqual([]);
    expect(placesOf(({ pattern }) => typeof pattern === 'string' && /\\u/.test(pattern))).toEqual([]);
    expect(placesOf(({ oneOf, anyOf }) => JSON.stringify(oneOf ?? anyOf)?.includes('"null"') === true)).toEqual([]);
    // Replies are told apart by their members alone, and what has more of them comes first.
    expect(placesOf(({ anyOf }) => anyOf !== undefined)).toEqual([
      '/paths//api/v1/actions/post/responses/200/content/application/json/schema',
    ]);
    for (const { place, schema } of schemas) {
      const choices = (schema.oneOf ?? schema.anyOf ?? []) as Json[];
      expect(new Set(choices.map(({ $ref }) => $ref)).size, place).toBe(choices.length);
      expect(
        choices.every(({ $ref }) => $ref !== undefined),
        `${place} has choices without a name`,
      ).toBe(true);
    }
  });

  test('are told how wide revs are, and by which member actions differ', () => {
    const { NotifyResult, Task } = components.schemas as Record<string, { properties: Record<string, Json> }>;
    expect(NotifyResult?.properties.rev).toMatchObject({ type: 'integer', format: 'int64' });
    expect(Task?.properties.step_number).not.toHaveProperty('format');
    const act = operations.find(({ operationId }) => operationId === 'act');
    expect(act?.requestBody?.content['application/json']?.schema).toMatchObject({
      discriminator: { propertyName: 'action', mapping: { list: '#/components/schemas/ListAction' } },
    });
  });

  test('are told of one answer for each call, of one carrier for each caller, and of webhooks in a chapter of their own', () => {
    for (const { call, responses, security } of operations) {
      const bodies = Object.entries(responses)
        .filter(([status]) => status.startsWith('2'))
        .map(([, { content }]) => JSON.stringify(Object.values(content ?? {})[0]?.schema));
      expect(new Set(bodies).size, call).toBeLessThan(2);
      expect(
        security.flatMap((one) => Object.keys(one)),
        call,
      ).not.toContain('token_query');
    }
    const chapters = new Set(operations.flatMap(({ tags }) => tags));
    expect(webhooks.flatMap(({ tags }) => tags).filter((tag) => chapters.has(tag))).toEqual([]);
  });

  test('are told that answers may gain members, and bodies may not have others', () => {
    const all = (part: unknown, seen = new Set<string>()): { place: string; schema: Json }[] => {
      const refs = refsIn(part).filter((ref) => !seen.has(ref));
      for (const ref of refs) seen.add(ref);
      return [...schemasIn(part), ...refs.flatMap((ref) => all({ [ref]: targetOf(openApi, ref) }, seen))];
    };
    const objects = (part: unknown) => all(part).filter(({ schema }) => schema.properties);
    for (const { call, requestBody, responses } of operations) {
      for (const { place, schema } of objects(requestBody)) {
        expect(schema.additionalProperties, `${call} takes ${place}`).toBe(false);
      }
      for (const { place, schema } of objects(responses)) {
        expect(schema.additionalProperties, `${call} answers ${place}`).toBe(true);
      }
    }
  });
});

describe('the document of the sockets', () => {
  test('is AsyncAPI 3.0', () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const check = ajv.compile(asyncApiSpecs.schemasWithoutId['3.0.0'] as object);
    check(asyncApi);
    expect(check.errors ?? []).toEqual([]);
  });

  test('has every action with its reply, and every frame', () => {
    const { messages } = asyncApi.components;
    const actions = Object.keys(actionSchemas);
    const frames = Object.keys(frameSchemas).filter((name) => name !== 'reply');
    const expected = [
      ...actions.flatMap((name) => [`action.${name}`, `reply.${name}`]),
      ...frames.map((name) => `frame.${name}`),
      ...['frame.application_event', 'frame.truncated'],
    ];
    expect(Object.keys(messages).sort()).toEqual(expected.sort());
    for (const name of actions) {
      const { action, reply } = asyncApi.operations[`main.${name}`] ?? {};
      expect(action, name).toBe('receive');
      expect(reply?.messages.map(({ $ref }) => $ref)).toEqual([
        `#/channels/main/messages/reply.${name}`,
        '#/channels/main/messages/frame.error',
      ]);
    }
    expect(asyncApi['x-close-codes'].map(({ code }) => code)).toEqual(Object.values(CloseCode));
  });

  test('holds to its schemas in every example, and shows actions that the server reads', () => {
    const schemas = new Schemas(asyncApi.components);
    const misfits = Object.entries(asyncApi.components.messages).flatMap(([name, { payload, examples }]) =>
      examples.map((example) => schemas.misfit(name, payload, example.payload)),
    );
    expect(misfits.length).toBeGreaterThan(60);
    expect(misfits.filter((misfit) => misfit !== null)).toEqual([]);
    for (const [name, { examples }] of Object.entries(asyncApi.components.messages)) {
      if (!name.startsWith('action.')) continue;
      expect(parseAction(JSON.stringify(examples[0]?.payload))).toMatchObject({ ok: true, ref: 1 });
    }
  });

  test('takes an event of the application’s own under any name but those of frames', () => {
    const schemas = new Schemas(asyncApi.components);
    const { payload, examples } = asyncApi.components.messages['frame.application_event'] as never as {
      payload: Json;
      examples: [{ payload: Json }];
    };
    const event = examples[0].payload;
    expect(schemas.misfit('event', payload, { ...event, type: 'any_thing' })).toBeNull();
    for (const type of ['task_update', 'reply', 'two words']) {
      expect(schemas.misfit('event', payload, { ...event, type })).toContain('/type');
    }
  });

  test('refers to nothing that it has not', () => {
    expect(refsIn(asyncApi).filter((ref) => targetOf(asyncApi, ref) === undefined)).toEqual([]);
  });

  test('tells where this server is', () => {
    const at = (host: string, isSecure: boolean) =>
      (socketsAt(`${isSecure ? 'https' : 'http'}://${host}`, asyncApi) as { servers: Json }).servers;
    expect(at('a.example:81', false)).toMatchObject({ here: { host: 'a.example:81', protocol: 'ws' } });
    expect(at('b.example', true)).toMatchObject({ here: { host: 'b.example', protocol: 'wss' } });
  });
});
