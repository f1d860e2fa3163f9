import type { Worker } from 'node:cluster';
import type { PrimaryChannel, PrimaryMessage, WorkerChannel, WorkerMessage } from './messages.ts';

/** The channel of this process, a worker, to the one that started it. */
export const toPrimary = (): WorkerChannel => ({
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
