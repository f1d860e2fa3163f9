import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { TidingsError } from '@tidings/protocol';
import type { Telemetry } from '../telemetry/events.ts';
import type { PrimaryChannel, WorkerMessage } from './messages.ts';
import { forkWorker, toWorker } from './process-channels.ts';
import type { Relay } from './relay.ts';

/** A worker that served for so long is begun anew at once when it ends, ms. */
const steadyMs = 10_000;
/** The longest wait before a worker is begun anew that ends again and again, ms. */
const longestPauseMs = 30_000;

interface Running {
  worker: Worker;
  channel: PrimaryChannel;
}

/** Starts workers that share a port, and begins each anew when it ends by itself. */
export class Supervisor {
  readonly #relay: Relay;
  readonly #telemetry: Telemetry;
  readonly #running = new Set<Running>();
  readonly #pauses = new Set<NodeJS.Timeout>();
  #isStopping = false;

  constructor(relay: Relay, telemetry: Telemetry) {
    this.#relay = relay;
    this.#telemetry = telemetry;
    // Texts cross as they are, and not once more as JSON.
    cluster.setupPrimary({ serialization: 'advanced' });
  }

  /** Resolves with their address when all of them serve. Throws the TidingsError of the first that could not. */
  async start(count: number): Promise<string> {
    const urls = await Promise.all(Array.from({ length: count }, (_, index) => this.#begin(index + 1, 0)));
    return urls[0] as string;
  }

  /** Stops them in good order; resolves when all have ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const pause of this.#pauses) clearTimeout(pause);
    const running = [...this.#running];
    for (const { channel } of running) channel.send(['stop']);
    await Promise.all(running.map(({ worker }) => once(worker, 'exit')));
  }

  /** @param failures how often one in its place ended soon after its start, without a pause */
  async #begin(number: number, failures: number): Promise<string> {
    const worker = forkWorker(number);
    const running = { worker, channel: toWorker(worker) };
    const remove = this.#relay.add(running.channel);
    this.#running.add(running);
    const begun = Date.now();
    // One that cannot serve at the start of the server ends all of it.
    let isReplaced = failures > 0;
    worker.once('exit', (code, signal) => {
      remove();
      this.#running.delete(running);
      const failuresNow = Date.now() - begun < steadyMs ? failures + 1 : 0;
      if (isReplaced && !this.#isStopping) this.#beginAgain(number, failuresNow, signal ?? `exit code ${code}`);
    });
    const url = await addressOf(running);
    isReplaced = true;
    return url;
  }

  #beginAgain(number: number, failures: number, reason: string): void {
    const pauseMs = failures === 0 ? 0 : Math.min(longestPauseMs, 1_000 * 2 ** (failures - 1));
    this.#telemetry.emit({ type: 'worker_ended', worker: number, reason, again_in_ms: pauseMs });
    const pause = setTimeout(() => {
      this.#pauses.delete(pause);
      // One that cannot serve has logged why, and ends.
      this.#begin(number, Math.max(1, failures)).catch(() => {});
    }, pauseMs);
    this.#pauses.add(pause);
  }
}

/** Resolves with the address when the worker serves; rejects when it cannot. */
const addressOf = ({ worker, channel }: Running): Promise<string> =>
  new Promise((resolve, reject) => {
    channel.onMessage((message: WorkerMessage) => {
      if (message[0] === 'ready') resolve(message[1]);
      else if (message[0] === 'failed') reject(new TidingsError(message[1], message[2]));
    });
    worker.once('exit', (code, signal) =>
      reject(new TidingsError('unavailable', `a worker ended (${signal ?? `exit code ${code}`}) before it served`)),
    );
  });
