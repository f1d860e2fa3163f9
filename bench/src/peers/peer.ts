import type { DialectName } from '../load/dialects.ts';
import type { PublishTarget } from '../load/messages.ts';
import type { PeerName } from './names.ts';

export const host = '127.0.0.1';
export const secret = 'a secret of the benchmark that is long enough';
export const apiKey = 'key-of-the-benchmark';

/** A load that a server puts on itself, having no interface to be published by. */
export type OwnLoad = (order: {
  seconds: number;
  /** Null for flat out. */
  perSecond: number | null;
  framesPerWrite: number;
  firstNumber: number;
}) => Promise<{ sent: number }>;

/** A server that runs, in a process of its own. */
export interface RunningPeer {
  name: PeerName;
  port: number;
  /** The server's process; the first, where it has several. */
  pid: number;
  dialect: DialectName;
  /** The claims of a user's token. */
  claims: (user: string) => Record<string, unknown>;
  load: { by: 'publishing'; target: PublishTarget } | { by: 'itself'; run: OwnLoad };
  /** User and system time of the server's process so far, its threads included. */
  cpuSeconds: () => Promise<number>;
  stop: () => Promise<void>;
}
