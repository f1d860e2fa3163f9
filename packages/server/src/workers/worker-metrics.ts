import type { MetricLines } from '../telemetry/prometheus.ts';
import type { WorkerChannel } from './messages.ts';

/** Tells the metrics of this worker when it is asked for them, and asks for those of all. */
export class WorkerMetrics {
  readonly #channel: WorkerChannel;
  readonly #waiting = new Map<number, (metrics: readonly (readonly MetricLines[])[]) => void>();
  #last = 0;

  /** @param own the metrics of this worker, now */
  constructor(channel: WorkerChannel, own: () => MetricLines[]) {
    this.#channel = channel;
    channel.onMessage((message) => {
      if (message[0] === 'tell metrics') channel.send(['metrics', message[1], own()]);
      else if (message[0] === 'metrics') this.#take(message[1], message[2]);
    });
  }

  /** Resolves with those of each worker that answers in time. */
  ofAll(): Promise<readonly (readonly MetricLines[])[]> {
    const question = ++this.#last;
    return new Promise((resolve) => {
      this.#waiting.set(question, resolve);
      this.#channel.send(['ask metrics', question]);
    });
  }

  #take(question: number, metrics: readonly (readonly MetricLines[])[]): void {
    this.#waiting.get(question)?.(metrics);
    this.#waiting.delete(question);
  }
}
