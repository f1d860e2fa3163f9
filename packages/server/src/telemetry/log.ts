import type { Logger } from 'pino';
import type { Telemetry, TelemetryEvent } from './events.ts';
import { LogLimiter } from './log-limiter.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';

const levels: Record<TelemetryEvent['type'], Level> = {
  started: 'info',
  stopped: 'info',
  session_opened: 'debug',
  session_closed: 'debug',
  connection_refused: 'warn',
  request_refused: 'warn',
  identity_unavailable: 'warn',
  claim_unreadable: 'warn',
  roles_elsewhere: 'warn',
  room_refused: 'info',
  published: 'debug',
  store_failed: 'error',
  gap_filled: 'debug',
  broker_connected: 'info',
  broker_lost: 'warn',
  node_unanswered: 'warn',
  outbox_refused: 'warn',
  history_changed: 'warn',
  task_run: 'info',
  task_call_refused: 'warn',
  callback_failed: 'warn',
  callback_given_up: 'error',
  jobs: 'debug',
  limits: 'debug',
  worker_ended: 'error',
  incident_opened: 'warn',
  incident_changed: 'warn',
  incident_closed: 'info',
  failure: 'error',
};

/**
 * Writes events as structured lines. Nothing in an event is a token or a body, so nothing needs to be blotted out. The same failure is written once a
 * second, with the number of times that were left out: where an outage makes it, each request may.
 *
 * @param now epoch milliseconds
 */
export const logSink = (logger: Logger, now: () => number = Date.now): Telemetry => {
  const failures = new LogLimiter();
  return {
    emit(event) {
      const level = levels[event.type];
      if (!logger.isLevelEnabled(level)) return;
      if (event.type !== 'failure') {
        logger[level](event, event.type.replaceAll('_', ' '));
        return;
      }
      const { where, error } = event;
      const line = failures.take(`${where} ${error.message}`, now());
      if (line) logger.error({ err: error, where, ...line }, error.message);
    },
  };
};
