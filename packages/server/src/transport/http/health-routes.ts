import { Health, Readiness } from '@tidings/protocol/schemas';
import * as examples from './documents/examples/answers.ts';
import { answer } from './endpoint.ts';
import type { Routes } from './routes.ts';

const group = 'Server';

/** The server's health as operators and probes read it. */
export type HealthView = Health;

/** The routes of probes and operators. */
export function healthRoutes(routes: Routes, health: () => HealthView): void {
  routes.add({
    call: 'GET /healthz',
    ...{ id: 'health', group, summary: 'See how the server is, and why', who: 'anyone', store: 'none' },
    answers: {
      200: answer(Health, 'It is well', { ok: examples.healthy }),
      503: answer(Health, 'It cannot store', { down: examples.unhealthy }),
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
      const { status, reasons } = health();
      if (status !== 'ok') reply.code(503);
      return { ready: status === 'ok', reasons };
    },
  });
}
