import Type from 'typebox';
import type { Routes } from './routes.ts';

/** The text format of Prometheus, with its version. */
const contentType = 'text/plain; version=0.0.4; charset=utf-8';

/** The route of what watches the server. */
export function metricsRoutes(routes: Routes, metrics: () => Promise<string>): void {
  routes.add({
    call: 'GET /metrics',
    ...{ id: 'metrics', group: 'Server', summary: 'Read the metrics of this process, as Prometheus does' },
    description:
      'The text format of Prometheus, version 0.0.4. Each server of a cluster has its own; with --workers the samples are those of all workers, each with its label.',
    ...{ who: 'monitor', store: 'none' },
    answers: {
      200: {
        ...{ description: 'The metrics', type: 'text/plain', schema: Type.String() },
        examples: {
          'a counter':
            '# HELP tidings_committed_total Changes that transactions of this process have stored.\n# TYPE tidings_committed_total counter\ntidings_committed_total 4711\n',
        },
      },
    },
    handle: async ({ reply }) => reply.type(contentType).send(await metrics()),
  });
}
