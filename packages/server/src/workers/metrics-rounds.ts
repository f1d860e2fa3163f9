import type { MetricLines } from '../telemetry/prometheus.ts';
import type { PrimaryChannel } from './messages.ts';

/** The longest time for which a worker's metrics are waited for, ms. The others are told without them. */
const patienceMs = 2_000;

interface Round {
  found: (readonly MetricLines[])[];
  waitingFor: Set<PrimaryChannel>;
  end(): void;
}

/** Asks all workers for their metrics, on behalf of one. */
export class MetricsRounds {
  readonly #rounds = new Map<number, Round>();
  #last = 0;

  /** @param question by which the asking worker knows its answer */
  ask(workers: ReadonlySet<PrimaryChannel>, asking: PrimaryChannel, question: number): void {
    const number = ++this.#last;
    const timer = setTimeout(() => this.#end(number), patienceMs);
    const found: Round['found'] = [];
    const end = (): void => {
      clearTimeout(timer);
      asking.send(['metrics', question, found]);
    };
    this.#rounds.set(number, { found, waitingFor: new Set(workers), end });
    for (const worker of workers) worker.send(['tell metrics', number]);
  }

  answered(worker: PrimaryChannel, number: number, metrics: readonly MetricLines[]): void {
    const round = this.#rounds.get(number);
    if (!round?.waitingFor.has(worker)) return;
    round.found.push(metrics);
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
