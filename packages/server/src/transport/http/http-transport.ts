import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readiness } from '@tidings/protocol/schemas';
import fastify, { type FastifyInstance } from 'fastify';
import type { CommandContext } from '../../commands/context.ts';
import type { Origins } from '../../identity/origins.ts';
import type { TrustedProxies } from '../../identity/trusted-proxies.ts';
import { type Callers, largestBody } from './callers.ts';
import { connectionRoutes } from './connection-routes.ts';
import { crossOrigin } from './cors.ts';
import { documentRoutes } from './document-routes.ts';
import { type HealthView, healthRoutes } from './health-routes.ts';
import { inboxRoutes } from './inbox-routes.ts';
import { readJsonBodies } from './json-bodies.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { notificationRoutes } from './notification-routes.ts';
import { type Pages, pageRoutes } from './page-routes.ts';
import { answerProblems, answerUnrouted, privateHeaders } from './problems.ts';
import { RefusalLog } from './refusal-log.ts';
import { rightsRoutes } from './rights-routes.ts';
import { roomRoutes } from './room-routes.ts';
import { Routes } from './routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { type Streams, streamRoutes } from './stream-routes.ts';
import { taskRoutes } from './task-routes.ts';
import { versionRoutes } from './version-routes.ts';

export interface HttpParts {
  context: CommandContext;
  callers: Callers;
  origins: Origins;
  proxies: TrustedProxies;
  streams: Streams;
  isSocketPath: (path: string) => boolean;
  health: () => HealthView;
  readiness: () => Readiness;
  /** The metrics, as Prometheus reads them. */
  metrics: () => Promise<string>;
  pages: Pages;
  /** True if an application knows its users by means of its own, which may stand in the query. */
  hasOwnCarriers: boolean;
}

/** The names by which a query says who calls: a token, and in development a user with roles and grants. */
const carriers = ['token', 'user', 'roles', 'grants'];

const noCompiler = (): never => {
  throw new Error('a route must read its own parts');
};
/** Routes bring their own readers, so that Fastify need not load its compilers of schemas, a third of a start's modules. */
const noCompilers = { buildValidator: () => noCompiler, buildSerializer: () => noCompiler };

/** The HTTP side: routes that parse, and commands that do. */
export class HttpTransport {
  readonly #app: FastifyInstance;

  constructor(parts: HttpParts) {
    this.#app = fastify({
      bodyLimit: largestBody,
      routerOptions: { maxParamLength: 512 },
      frameworkErrors: answerUnrouted,
      schemaController: { compilersFactory: noCompilers },
    });
    const { clock, telemetry } = parts.context;
    const log = new RefusalLog({ proxies: parts.proxies, clock, telemetry });
    answerProblems(this.#app, { telemetry, clock, log, isSocketPath: parts.isSocketPath });
    // Pages and documents, which are about nobody, say otherwise.
    this.#app.addHook('onRequest', (_request, reply, done) => {
      reply.headers(privateHeaders);
      done();
    });
    readJsonBodies(this.#app, parts.callers);
    crossOrigin(this.#app, parts.origins, log);
    addRoutes(this.#app, parts);
  }

  async ready(): Promise<void> {
    await this.#app.ready();
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    this.#app.routing(request, response);
  }

  async close(): Promise<void> {
    await this.#app.close();
  }
}

/** Puts every route of the server on a Fastify. */
export function addRoutes(app: FastifyInstance, parts: HttpParts): Routes {
  const { context, callers, proxies, metrics, pages } = parts;
  const routes = new Routes(app, callers, parts.hasOwnCarriers ? null : carriers);
  notificationRoutes(routes, context);
  taskRoutes(routes, context);
  inboxRoutes(routes, context);
  streamRoutes(routes, parts.streams);
  sessionRoutes(routes, context, proxies);
  roomRoutes(routes, context);
  versionRoutes(routes, context);
  connectionRoutes(routes, context);
  rightsRoutes(routes, context);
  healthRoutes(routes, context, parts);
  metricsRoutes(routes, metrics);
  pageRoutes(app, routes, pages);
  documentRoutes(routes, proxies);
  return routes;
}
