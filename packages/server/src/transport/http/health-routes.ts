import { Health, Readiness, SystemHealth } from '@tidings/protocol/schemas';
import type { CommandContext } from '../../commands/context.ts';
import { systemHealth } from '../../commands/health.ts';
import * as examples from './documents/examples/answers.ts';
import { answer, personOf } from './endpoint.ts';
import type { Routes } from './routes.ts';

const group = 'Server';

/** The server's health as operators and probes read it. */
export type HealthView = Health;

export interface HealthParts {
  health: () => HealthView;
  readiness: () => Readiness;
}

/** The routes of probes and operators. */
export function healthRoutes(routes: Routes, context: CommandContext, { health, readiness }: HealthParts): void {
  routes.add({
    call: 'GET /api/v1/health',
    ...{ id: 'readSystemHealth', group, summary: 'See how every component of every node is, and was' },
    description:
      'For administrators and back ends. The node that is asked answers for itself; the others have 2 s, and one that does not answer is left out.',
    ...{ who: 'either', store: 'none' },
    answers: { 200: answer(SystemHealth, 'The health of all nodes', { health: examples.systemHealth }) },
    errors: { forbidden: 'the system\'s health is for users with the role "admin"' },
    handle: ({ caller }) => systemHealth(context, personOf(caller)),
  });
  routes.add({
    call: 'GET /healthz',
    ...{ id: 'health', group, summary: 'See how the server is, and why', who: 'anyone', store: 'none' },
    answers: {
      200: answer(Health, 'It is well', { ok: examples.healthy }),
      503: answer(Health, 'It cannot store, or what is stored does not arrive', { down: examples.unhealthy }),
    },
    handle({ reply }) {
      const view = health();
      if (view.status !== 'ok') reply.code(503);
      return view;
    },
  });
  routes.add({
    call: 'GET /readyz',
    ...{ id: 'readiness', group, summary: 'See whether to send work here', who: 'anyone', store: 'none' },
    answers: {
      200: answer(Readiness, 'Ready', { ready: { ready: true, reasons: [] } }),
      503: answer(Readiness, 'Not ready', { 'not ready': { ready: false, reasons: examples.unhealthy.reasons } }),
    },
    handle({ reply }) {
      const { ready, reasons } = readiness();
      if (!ready) reply.code(503);
      return { ready, reasons };
    },
  });
}
