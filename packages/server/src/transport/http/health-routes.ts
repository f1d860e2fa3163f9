import type { FastifyInstance } from 'fastify';

/** How the server is, for those who watch over it. */
export interface HealthView {
  status: 'ok' | 'down';
  reasons: string[];
  database: { ok: boolean; head: number; term: string };
  connections: number;
}

export function healthRoutes(app: FastifyInstance, health: () => HealthView): void {
  app.get('/healthz', async (_request, reply) => {
    const view = health();
    return reply.code(view.status === 'ok' ? 200 : 503).send(view);
  });
  app.get('/readyz', async (_request, reply) => {
    const { status, reasons } = health();
    return reply.code(status === 'ok' ? 200 : 503).send({ ready: status === 'ok', reasons });
  });
}
