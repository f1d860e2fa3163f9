import type { Counters } from './counters.ts';

/** Everything the server says of itself. Sinks turn it into logs, metrics and traces. */
export type TelemetryEvent =
  | { type: 'started'; database: string; term: string; head: number }
  | { type: 'stopped' }
  | { type: 'session_opened'; session: string; user: string; path: string; recovered: boolean }
  | { type: 'session_closed'; session: string; user: string; code: number; reason: string }
  /** `repeated`: how many more of this address were refused since it was last said. */
  | { type: 'connection_refused'; code: number | string; reason: string; address: string; repeated?: number }
  /** `repeated`: how many more of this address were refused for this since it was last said. */
  | { type: 'request_refused'; code: string; reason: string; call: string; address: string; repeated?: number }
  | { type: 'identity_unavailable'; reason: string; cause?: string }
  | { type: 'claim_unreadable'; claim: string; got: string }
  /** Tokens have no roles in the claim that is read, and seem to have them in another. */
  | { type: 'roles_elsewhere'; read: string; found: string; todo: string }
  /** Somebody has no right in a room. `repeated`: how many more were refused since that was last said. */
  | { type: 'room_refused'; user: string; room: string; reason: string; todo: string; repeated?: number }
  | { type: 'published'; kind: string; count: number }
  /** The database failed. `cause` has its own words; `repeated`: how often it failed in the same way since that was last said. */
  | { type: 'store_failed'; doing: string; reason: string; cause: string; repeated?: number }
  | { type: 'gap_filled'; from: number; to: number }
  /** Messages of other nodes arrive, from the start or again. */
  | { type: 'broker_connected'; broker: string }
  /** No messages of other nodes arrive: their changes come up to a second later, from the store. */
  | { type: 'broker_lost'; broker: string; reason: string; todo: string }
  /** A node that announces itself did not answer who is connected to it. Emitted once, until it answers again. */
  | { type: 'node_unanswered'; node: string; asked: string; todo: string }
  /** Rows of the outbox cannot be published, and stay. `reason` is of the first, whose id is `row`. */
  | { type: 'outbox_refused'; count: number; row: number; reason: string; todo: string }
  | { type: 'history_changed'; term: string; from: number; released: number }
  | { type: 'task_run'; task: string; name: string; attempt: number; outcome: 'completed' | 'failed' | 'cancelled' }
  /** A report or question of a task's handler was refused, and the handler did not await it. Emitted once in a run. */
  | { type: 'task_call_refused'; task: string; call: 'progress' | 'ask' | 'log' | 'stream'; reason: string }
  | { type: 'callback_failed'; callback: string; origin: string; attempt: number; reason: string; again_in_ms: number }
  | { type: 'callback_given_up'; callback: string; origin: string; attempt: number; reason: string }
  /** Emitted once a minute: of each job that the server repeats, how often it ran and failed since the start. */
  | { type: 'jobs'; counts: Readonly<Record<string, { runs: number; failures: number; lastMs: number | null }>> }
  /** Told once a minute: how many requests were refused since the start, by the limit that they exceeded. */
  | { type: 'limits'; refused: Readonly<Counters['refused']> }
  /** A process of `--workers` ended by itself, and is begun anew. */
  | { type: 'worker_ended'; worker: number; reason: string; again_in_ms: number }
  /** A component is not ok any more, or has become worse. */
  | {
      type: 'incident_opened' | 'incident_changed';
      incident: string;
      component: string;
      state: 'degraded' | 'down';
      reasons: readonly string[];
      since: string;
    }
  /** By a restart: its process was stopped before the component was well again. `node_lost`: by another node, or a later process, which heard no more of its node. */
  | {
      type: 'incident_closed';
      incident: string;
      component: string;
      since: string;
      until: string;
      by: 'recovery' | 'restart' | 'node_lost';
    }
  | { type: 'failure'; where: string; error: Error };

export interface Telemetry {
  emit(event: TelemetryEvent): void;
}

/** Hears everything and says nothing. */
export const silent: Telemetry = { emit: () => {} };
