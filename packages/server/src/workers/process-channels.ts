import cluster, { type Worker } from 'node:cluster';
import type { PrimaryChannel, PrimaryMessage, WorkerChannel, WorkerMessage } from './messages.ts';

/** The variable by which a worker knows its number, and the process that started it. */
const variable = 'TIDINGS_WORKER';

export const forkWorker = (number: number): Worker => cluster.fork({ [variable]: `${number} of ${process.pid}` });

/**
 * The number of this process among the workers, from 1, by which the log and the metrics name it: one that is begun anew has that of the
 * one before. Null for a process that is none, also in a cluster of another program.
 */
export function workerNumber(): number | null {
  const [number, parent] = process.env[variable]?.split(' of ') ?? [];
  return parent === String(process.ppid) ? Number(number) : null;
}

/** The channel of this process, a worker, to the one that started it. */
export const toPrimary = (): WorkerChannel => ({
  number: workerNumber() as number,
  send(message) {
    // The other process may end while it is on its way.
    if (process.connected) process.send?.(message, () => {});
  },
  onMessage(listener) {
    process.on('message', (message) => listener(message as PrimaryMessage));
  },
});

/** The channel of this process to a worker of it. */
export const toWorker = (worker: Worker): PrimaryChannel => ({
  send(message) {
    // It may end while this is on its way.
    if (worker.isConnected()) worker.send(message, () => {});
  },
  onMessage(listener) {
    worker.on('message', (message) => listener(message as WorkerMessage));
  },
});
