import Type from 'typebox';
import { serverVersion } from '../../config/version.ts';
import type { TrustedProxies } from '../../session/trusted-proxies.ts';
import { asyncApiDocument, reachedAt } from './documents/asyncapi.ts';
import type { JsonSchema } from './documents/definitions.ts';
import { openApiDocument } from './documents/openapi.ts';
import type { Answer, Endpoint } from './endpoint.ts';
import type { Routes } from './routes.ts';

const ofDocuments = { group: 'Pages', who: 'anyone', store: 'none' } as const satisfies Partial<Endpoint>;
const isDocument = (description: string, what: string): Record<number, Answer> => ({
  200: {
    description,
    examples: {},
    schema: Type.Object({ [what]: Type.String(), info: Type.Unknown() }, { additionalProperties: true }),
  },
});

/** The documents that describe the interface, made when they are first asked for. */
export function documentRoutes(routes: Routes, proxies: TrustedProxies): void {
  const version = serverVersion();
  let openApi: string | undefined;
  let asyncApi: JsonSchema | undefined;
  routes.add({
    call: 'GET /openapi.json',
    ...{ id: 'openApi', ...ofDocuments, summary: 'The HTTP API, for programs (OpenAPI 3.1)' },
    answers: isDocument('This document', 'openapi'),
    handle({ reply }) {
      openApi ??= JSON.stringify(openApiDocument(routes.endpoints, version));
      return reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(openApi);
    },
  });
  routes.add({
    call: 'GET /asyncapi.json',
    ...{ id: 'asyncApi', ...ofDocuments, summary: 'The sockets, for programs (AsyncAPI 3.0)' },
    answers: isDocument('The document of the sockets', 'asyncapi'),
    handle({ request, reply }) {
      reply.header('cache-control', 'no-cache');
      asyncApi ??= asyncApiDocument(version);
      const { host, protocol } = proxies.placeOf(request.raw);
      return reachedAt({ host: host || 'localhost', isSecure: protocol === 'https' }, asyncApi);
    },
  });
}
