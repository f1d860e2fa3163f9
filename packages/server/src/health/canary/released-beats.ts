import { canaryTopic } from '../../domain/topics.ts';
import type { Hub, Subscriber } from '../../fanout/hub.ts';
import type { SharedFrame } from '../../fanout/shared-frame.ts';
import { type Beat, beatOf } from './record.ts';

/** The release of a beat of this node. */
export interface Release {
  beat: number;
  /** By the process's own clock, ms. */
  at: number;
  /** False if the hub has read it from the store, since the broker had not brought it. */
  isByBroker: boolean;
}

/** Listens to what the hub releases of the canary: this node's beats, and those of others. */
export class ReleasedBeats implements Subscriber {
  lastRev = 0;
  readonly #node: string;
  readonly #others: { received(node: string): void };
  #last: Release | null = null;
  #wake: (release: Release) => void = () => {};

  /** @param others is told of the beats of other nodes */
  constructor(node: string, hub: Pick<Hub, 'join'>, others: { received(node: string): void }) {
    this.#node = node;
    this.#others = others;
    hub.join(canaryTopic, this);
  }

  /** Resolves when this node's beat is released; never, if it is not. One may be waited for at a time. */
  released({ beat }: Beat): Promise<Release> {
    return new Promise((resolve) => {
      this.#wake = (release) => release.beat === beat && resolve(release);
      if (this.#last) this.#wake(this.#last);
    });
  }

  deliver({ change, retractedFor }: SharedFrame): void {
    this.lastRev = change.rev;
    const { node, beat } = beatOf(change);
    if (node !== this.#node) this.#others.received(node);
    else {
      this.#last = { beat, at: performance.now(), isByBroker: retractedFor === 'leaving' };
      this.#wake(this.#last);
    }
  }

  historyChanged(): void {
    this.lastRev = 0;
  }
}
