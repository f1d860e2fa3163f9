import type { IncomingMessage, ServerResponse } from 'node:http';
import fastify, { type FastifyInstance } from 'fastify';
import type { CommandContext } from '../../commands/context.ts';
import type { Origins } from '../../session/origins.ts';
import { backEndRoutes } from './back-end-routes.ts';
import type { Callers } from './callers.ts';
import { crossOrigin } from './cors.ts';
import { type HealthView, healthRoutes } from './health-routes.ts';
import { type Pages, pageRoutes } from './page-routes.ts';
import { answerProblems } from './problems.ts';
import { userRoutes } from './user-routes.ts';

export interface HttpParts {
  context: CommandContext;
  callers: Callers;
  origins: Origins;
  health: () => HealthView;
  pages: Pages;
}

/** The HTTP side: routes that parse, and commands that do. */
export class HttpTransport {
  readonly #app: FastifyInstance;

  constructor(parts: HttpParts) {
    this.#app = fastify({
      bodyLimit: 1_048_576,
      routerOptions: { maxParamLength: 512 },
    });
    answerProblems(this.#app, parts.context.telemetry);
    crossOrigin(this.#app, parts.origins);
    healthRoutes(this.#app, parts.health);
    pageRoutes(this.#app, parts.pages);
    this.#app.register(
      async (api) => {
        backEndRoutes(api, parts.context, parts.callers);
        userRoutes(api, parts.context, parts.callers);
      },
      { prefix: '/api/v1' },
    );
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
