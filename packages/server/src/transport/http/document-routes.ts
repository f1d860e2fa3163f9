import Type from 'typebox';
import { serverVersion } from '../../config/version.ts';
import type { RequestPlace, TrustedProxies } from '../../identity/trusted-proxies.ts';
import { asyncApiDocument, socketsAt } from './documents/asyncapi.ts';
import type { JsonSchema } from './documents/definitions.ts';
import { openApiDocument, servedAt } from './documents/openapi.ts';
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

/** The documents that describe the interface, made when they are first asked for, each with the address its reader has. */
export function documentRoutes(routes: Routes, proxies: TrustedProxies): void {
  let openApi: JsonSchema | undefined;
  let asyncApi: JsonSchema | undefined;
  routes.add({
    call: 'GET /openapi.json',
    ...{ id: 'openApi', ...ofDocuments, summary: 'The HTTP API, for programs (OpenAPI 3.1)' },
    answers: isDocument('This document', 'openapi'),
    handle({ request, reply }) {
      reply.header('cache-control', 'no-cache');
      openApi ??= openApiDocument(routes.endpoints, serverVersion);
      return servedAt(addressOf(proxies.placeOf(request.raw)), openApi);
    },
  });
  routes.add({
    call: 'GET /asyncapi.json',
    ...{ id: 'asyncApi', ...ofDocuments, summary: 'The sockets, for programs (AsyncAPI 3.0)' },
    answers: isDocument('The document of the sockets', 'asyncapi'),
    handle({ request, reply }) {
      reply.header('cache-control', 'no-cache');
      asyncApi ??= asyncApiDocument(serverVersion);
      return socketsAt(addressOf(proxies.placeOf(request.raw)), asyncApi);
    },
  });
}

/** An address of this server; what no URL can have is left out of it. */
function addressOf({ protocol, host, prefix }: RequestPlace): string {
  const address = `${protocol}://${host || 'localhost'}${prefix}`;
  return URL.canParse(address) ? address : `${protocol}://localhost${prefix}`;
}
