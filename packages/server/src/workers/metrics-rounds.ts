import type { MetricLines } from '../telemetry/prometheus.ts';
import type { PrimaryChannel } from './messages.ts';

/** The longest time for which a worker's metrics are waited for, ms. The others are told without them. */
const patienceMs = 2_000;

interface Round {
  /** By the number of each worker. */
  found: (readonly MetricLines[])[];
  waitingFor: Map<PrimaryChannel, number>;
  end(): void;
}

/** Asks all workers for their metrics, on behalf of one. */
export class MetricsRounds {
  readonly #rounds = new Map<number, Round>();
  #last = 0;

  /**
   * @param workers with their numbers
   * @param question by which the asking worker knows its answer
   */
  ask(workers: ReadonlyMap<PrimaryChannel, number>, asking: PrimaryChannel, question: number): void {
    const number = ++this.#last;
    const timer = setTimeout(() => this.#end(number), patienceMs);
    const found: Round['found'] = [];
    const end = (): void => {
      clearTimeout(timer);
      asking.send(['metrics', question, Object.values(found)]);
    };
    this.#rounds.set(number, { found, waitingFor: new Map(workers), end });
    for (const [worker, workerNumber] of workers) worker.send(['tell metrics', number, workerNumber]);
  }

  answered(worker: PrimaryChannel, number: number, metrics: readonly MetricLines[]): void {
    const round = this.#rounds.get(number);
    const workerNumber = round?.waitingFor.get(worker);
    if (!round || workerNumber === undefined) return;
    round.found[workerNumber] = metrics;
    this.#waitNoLonger(round, number, worker);
  }

  gone(worker: PrimaryChannel): void {
    for (const [number, round] of this.#rounds) this.#waitNoLonger(round, number, worker);
  }

  #waitNoLonger(round: Round, number: number, worker: PrimaryChannel): void {
    round.waitingFor.delete(worker);
    if (round.waitingFor.size === 0) this.#end(number);
  }

  #end(number: number): void {
    this.#rounds.get(number)?.end();
    this.#rounds.delete(number);
  }
}
