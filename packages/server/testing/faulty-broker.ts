import fc from 'fast-check';
import type { PortHealth } from '../src/domain/port-health.ts';
import type { Broker, Hint } from '../src/domain/ports.ts';
import type { Batch } from '../src/domain/writes.ts';

/** The treatment of a batch by the broker: delivery after so many others, so many times; 0 times is a loss. */
export interface Fate {
  after: number;
  times: number;
}

/** Any fate. */
export const anyFate: fc.Arbitrary<Fate> = fc.record({ after: fc.nat(3), times: fc.nat(2) });

/** A broker that loses, repeats, reorders or delays batches: it is given a fate for each batch in turn. */
export class FaultyBroker implements Broker {
  readonly #listeners: ((batch: Batch) => void)[] = [];
  readonly #hinted: ((hint: Hint) => void)[] = [];
  readonly #fates: readonly Fate[];
  #underWay: { batch: Batch; after: number }[] = [];
  #published = 0;

  constructor(fates: readonly Fate[]) {
    this.#fates = fates;
  }

  publish(batch: Batch): void {
    const { after, times } = this.#fates[this.#published++ % this.#fates.length] ?? { after: 0, times: 1 };
    for (let n = 0; n < times; n++) this.#underWay.push({ batch, after: after + n });
    const due = this.#underWay.filter((one) => one.after === 0);
    this.#underWay = this.#underWay.filter((one) => one.after > 0).map((one) => ({ ...one, after: one.after - 1 }));
    for (const one of due) this.bring(one.batch);
  }

  bring(batch: Batch): void {
    for (const listener of this.#listeners) listener(batch);
  }

  onBatch(listener: (batch: Batch) => void): void {
    this.#listeners.push(listener);
  }

  hint(hint: Hint): void {
    for (const listener of this.#hinted) listener(hint);
  }

  onHint(listener: (hint: Hint) => void): void {
    this.#hinted.push(listener);
  }

  health(): PortHealth {
    return { ok: true, reason: null };
  }

  async close(): Promise<void> {
    this.#underWay = [];
  }
}
