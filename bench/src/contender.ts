import type { Connected, Load, Published, PublishOrder, Received, ReceiveOrder, Watching } from './load/messages.ts';
import { monotonicMicros } from './load/monotonic.ts';
import { host, type RunningPeer } from './peers/peer.ts';
import { Helper } from './processes.ts';
import type { Scenario } from './scenarios.ts';
import { tally } from './tally.ts';
import { tokensFor } from './tokens.ts';

/** One stretch of load on one server, in seconds, counts and milliseconds. */
export interface Slice {
  /** From the first publish until the last frame was there. */
  seconds: number;
  publishes: number;
  deliveries: number;
  /** Deliveries that were owed and did not come. */
  lost: number;
  /** Deliveries that came more than once, or to the wrong user. */
  wrong: number;
  refused: number;
  refusal: string | null;
  serverCpu: number;
  /** Null if the server put the load on itself. */
  publisherCpu: number | null;
  receiverCpu: number;
  latencies: Float64Array;
}

/** A server with the two processes of its own that put load on it. */
export class Contender {
  readonly peer: RunningPeer;
  readonly #sockets: number;
  readonly #receiver = new Helper(new URL('./load/receiver-process.ts', import.meta.url));
  readonly #publisher: Helper | null;
  #nextNumber = 0;
  #publisherCpu = 0;
  #receiverCpu = 0;

  constructor(peer: RunningPeer, sockets: number) {
    this.peer = peer;
    this.#sockets = sockets;
    const isPublishedTo = peer.load.by === 'publishing';
    this.#publisher = isPublishedTo ? new Helper(new URL('./load/publisher-process.ts', import.meta.url)) : null;
  }

  /** Opens all sockets; `readsAll` has every frame read, not only counted. */
  async connect(readsAll: boolean): Promise<void> {
    const { port, dialect } = this.peer;
    const tokens = await tokensFor(this.peer, this.#sockets);
    const order: ReceiveOrder = { do: 'connect', host, port, dialect, tokens, readsAll };
    const answer = await this.#receiver.ask<Connected>(order);
    if ('failed' in answer)
      throw new Error(`${this.peer.name} does not take ${this.#sockets} sockets: ${answer.failed}`);
  }

  async run(scenario: Scenario, seconds: number): Promise<Slice> {
    const { load } = scenario;
    await this.#receiver.ask<Watching>({ do: 'watch' } satisfies ReceiveOrder);
    const cpuBefore = await this.peer.cpuSeconds();
    const begun = monotonicMicros();
    const published = await this.#publish(scenario, load, seconds);
    const owed = published.accepted.length * (load.audience === 'everyone' ? this.#sockets : 1);
    const received = await this.#receiver.ask<Received>({ do: 'expect', deliveries: owed } satisfies ReceiveOrder);
    const serverCpu = (await this.peer.cpuSeconds()) - cpuBefore;
    const { lost, wrong } = tally(load.audience, published.accepted, received);
    const slice: Slice = {
      seconds: (received.lastAt - begun) / 1e6,
      publishes: published.accepted.length,
      deliveries: received.deliveries,
      ...{ lost, wrong, refused: published.refused, refusal: published.refusal, serverCpu },
      publisherCpu: this.#publisher && published.cpu - this.#publisherCpu,
      receiverCpu: received.cpu - this.#receiverCpu,
      latencies: received.latencies,
    };
    this.#publisherCpu = published.cpu;
    this.#receiverCpu = received.cpu;
    return slice;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#receiver.stop(), this.#publisher?.stop()]);
    await this.peer.stop();
  }

  async #publish(scenario: Scenario, load: Load, seconds: number): Promise<Published> {
    const firstNumber = this.#nextNumber;
    const published = await this.#order(scenario, load, seconds, firstNumber);
    this.#nextNumber = firstNumber + published.accepted.length + published.refused;
    return published;
  }

  async #order(scenario: Scenario, load: Load, seconds: number, firstNumber: number): Promise<Published> {
    if (this.peer.load.by === 'publishing') {
      const { target } = this.peer.load;
      const order: PublishOrder = { do: 'run', target, load, seconds, sockets: this.#sockets, firstNumber };
      return (this.#publisher as Helper).ask<Published>(order);
    }
    const perSecond = 'perSecond' in load.pace ? load.pace.perSecond : null;
    const framesPerWrite = scenario.ceilingFrames as number;
    const { sent } = await this.peer.load.run({ seconds, perSecond, framesPerWrite, firstNumber });
    return {
      accepted: Uint32Array.from({ length: sent }, (_, i) => firstNumber + i),
      refused: 0,
      refusal: null,
      cpu: 0,
    };
  }
}
