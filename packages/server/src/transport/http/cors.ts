import { TidingsError } from '@tidings/protocol';
import type { FastifyInstance } from 'fastify';
import type { Origins } from '../../identity/origins.ts';
import { sendProblem } from './problems.ts';
import type { RefusalLog } from './refusal-log.ts';

/** The scripts for pages hold no data: a page that may not connect may still load them, and show why it may not. */
const isPublic = (url: string): boolean => /^\/tidings(-[a-z]+)?\.js(\?|$)/.test(url);

/** The same list of origins governs HTTP and sockets: pages from elsewhere are refused, and allowed ones may read answers. */
export function crossOrigin(app: FastifyInstance, origins: Origins, log: RefusalLog): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (isPublic(request.url)) {
      reply.header('access-control-allow-origin', '*');
      done();
      return;
    }
    const refusal = origins.refusal(request.raw);
    if (refusal !== null) {
      const error = new TidingsError('origin_not_allowed', refusal);
      log.note(error, request);
      sendProblem(reply, error);
      return;
    }
    const { origin } = request.headers;
    if (origin !== undefined) {
      reply.header('access-control-allow-origin', origin).header('vary', 'origin');
      if (origins.takesCookies(request.raw)) reply.header('access-control-allow-credentials', 'true');
      reply.header('access-control-expose-headers', 'retry-after');
    }
    if (origin === undefined || request.method !== 'OPTIONS') {
      done();
      return;
    }
    reply.header('access-control-allow-methods', 'GET, POST, PATCH, PUT, DELETE');
    reply.header('access-control-allow-headers', 'authorization, content-type, idempotency-key, last-event-id');
    reply.header('access-control-max-age', '600').code(204).send();
  });
}
