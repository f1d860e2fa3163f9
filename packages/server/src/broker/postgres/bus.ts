import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { PortHealth } from '../../domain/port-health.ts';
import type { PostgresAddress } from '../../store/postgres/address.ts';
import { linkFailure } from '../../store/postgres/failure.ts';
import type { Telemetry } from '../../telemetry/events.ts';
import { PostgresListener } from './listener.ts';
import { decodeMessage, encodeMessage, type Message } from './messages.ts';
import { PostgresNotifier } from './notifier.ts';

/** Time between two probes by which a node checks that it receives its own notifications, and the time limit of one, ms. */
const probeInterval = 1_000;
const probeTimeout = 3_000;
/** The shortest and the longest time between two attempts to listen, ms; and the time where a pooler lets nothing through. */
const [shortestRetry, longestRetry, poolerRetry] = [100, 2_000, 15_000];
/** Time for which a start waits for the first probe, ms. */
const openTimeout = 1_000;

/** `receiving`: messages of other nodes arrive. A `reason` says why they do not, and `todo` what the operator can do. */
type BusState =
  | { name: 'starting' }
  | { name: 'receiving' }
  | { name: 'unconnected' | 'silenced'; reason: string; todo: string };

type Trouble = Extract<BusState, { reason: string }>;

/**
 * Messages between all nodes on one database, over LISTEN and NOTIFY. One connection listens, and another notifies. A node receives its own
 * notifications too: one that does not arrive shows that the connection is dead, however open it looks, and it is replaced.
 * Messages are lost from the connection's death until its replacement works.
 */
export class PostgresBus {
  readonly #address: PostgresAddress;
  readonly #telemetry: Telemetry;
  readonly #node = randomBytes(6).toString('base64url');
  readonly #notifier: PostgresNotifier;
  readonly #closing = new AbortController();
  readonly #messageListeners: ((message: Message) => void)[] = [];
  readonly #connectedListeners: (() => void)[] = [];
  #state: BusState = { name: 'starting' };
  /** True once a notification came back by this address. */
  #hasReceived = false;
  #running: Promise<void> | null = null;
  #closed: Promise<void> | null = null;
  #firstState = Promise.withResolvers<void>();
  #onOwnProbe: () => void = () => {};

  constructor(address: PostgresAddress, telemetry: Telemetry) {
    this.#address = address;
    this.#telemetry = telemetry;
    this.#notifier = new PostgresNotifier(address);
  }

  /** Begins to listen; resolves after the first probe, whether or not it came back, or after a second. Never rejects: it goes on trying. */
  async open(): Promise<void> {
    this.#running ??= this.#run();
    await Promise.race([this.#firstState.promise, pause(openTimeout, undefined, { ref: false })]);
  }

  /** Calls back with each message of other nodes. */
  onMessage(listener: (message: Message) => void): void {
    this.#messageListeners.push(listener);
  }

  /** Calls back whenever messages arrive again, after a time in which some may have been missed. */
  onConnected(listener: () => void): void {
    this.#connectedListeners.push(listener);
  }

  /** Sends a message, or loses it. Throws RangeError if it is too long. */
  send(message: Message): void {
    const payload = encodeMessage(this.#node, message);
    if (this.#notifier.hasRoom) this.#notifier.send(() => payload);
  }

  /** Sends a message that is made at the moment at which it is sent; it waits for as long as that takes. */
  sendLate(message: () => Message): void {
    this.#notifier.send(() => encodeMessage(this.#node, message()));
  }

  health(): PortHealth {
    if (!('reason' in this.#state)) return { ok: true, reason: null };
    const { reason, todo } = this.#state;
    return { ok: false, reason: `other nodes are not heard: ${reason}; ${todo}` };
  }

  /** Sends what waits, for a second at most, and ends the connections. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#notifier.close();
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const trouble = await this.#listen(() => {
        attempt = 0;
      });
      if (signal.aborted) return;
      this.#enter(trouble);
      const backoff = Math.min(shortestRetry * 2 ** attempt, longestRetry) * (0.5 + Math.random());
      await this.#pause(trouble.name === 'silenced' ? poolerRetry : backoff);
    }
  }

  /** Listens for as long as that goes well. @returns why it ended */
  async #listen(onReceived: () => void): Promise<Trouble> {
    let listener: PostgresListener;
    try {
      const onPayload = (payload: string) => this.#receive(payload);
      listener = await PostgresListener.open(this.#address, onPayload, this.#closing.signal);
    } catch (error) {
      return unconnected(linkFailure(this.#address, error));
    }
    this.#notifier.use(listener.channel);
    const end = new End(this.#closing.signal);
    void listener.gone.then((reason) => end.come(unconnected(reason)));
    for (;;) {
      const outcome = await end.or(this.#probe(listener));
      if (outcome !== 'received' && outcome !== 'unsent') {
        end.forget();
        if (outcome === silenced || this.#closing.signal.aborted) await listener.close();
        else listener.abandon();
        return outcome;
      }
      if (outcome === 'received') {
        onReceived();
        this.#enter({ name: 'receiving' });
      } else this.#enter(unconnected(`nothing can be sent, as ${this.#notifier.failure}`));
      await end.or(this.#pause(probeInterval));
    }
  }

  /** Notifies itself, and waits until that comes back. */
  async #probe(listener: PostgresListener): Promise<'received' | 'unsent' | Trouble> {
    const received = new Promise<'received'>((resolve) => {
      this.#onOwnProbe = () => resolve('received');
    });
    this.send({ kind: 'probe' });
    const late = this.#pause(probeTimeout).then(() => 'late' as const);
    const outcome = await Promise.race([received, late]);
    if (outcome === 'received') return outcome;
    if (this.#notifier.failure !== null) return 'unsent';
    return this.#hasReceived || listener.isDirect ? silent : silenced;
  }

  #receive(payload: string): void {
    const received = decodeMessage(payload);
    if (received === null || this.#closing.signal.aborted) return;
    if (received.node === this.#node) this.#onOwnProbe();
    else this.#pass(received.message);
  }

  /** Drops a message on which a listener throws: every role of the database may send one. */
  #pass(message: Message): void {
    for (const listener of this.#messageListeners) {
      try {
        listener(message);
      } catch (error) {
        this.#telemetry.emit({ type: 'failure', where: 'broker', error: error as Error });
      }
    }
  }

  #enter(state: BusState): void {
    const before = this.#state.name;
    this.#state = state;
    this.#firstState.resolve();
    if (before === state.name) return;
    if (!('reason' in state)) {
      this.#hasReceived = true;
      this.#telemetry.emit({ type: 'broker_connected', broker: 'postgres' });
      for (const listener of this.#connectedListeners) listener();
    } else {
      this.#telemetry.emit({ type: 'broker_lost', broker: 'postgres', reason: state.reason, todo: state.todo });
    }
  }

  #pause(ms: number): Promise<unknown> {
    return pause(ms, undefined, { ref: false, signal: this.#closing.signal }).catch(() => {});
  }
}

/** The end of a connection that listens. Waiting for it again and again leaves nothing behind, as a race of promises would. */
class End {
  readonly #over = new AbortController();
  #trouble: Trouble | null = null;
  #wake: () => void = () => {};

  constructor(closing: AbortSignal) {
    const closed = () => this.come(unconnected('it is being closed'));
    closing.addEventListener('abort', closed, { once: true, signal: this.#over.signal });
  }

  come(trouble: Trouble): void {
    this.#trouble ??= trouble;
    this.#wake();
  }

  /** Resolves as the promise does, or with the trouble that came before. */
  or<T>(promise: Promise<T>): Promise<T | Trouble> {
    return new Promise((resolve) => {
      this.#wake = () => this.#trouble && resolve(this.#trouble);
      this.#wake();
      void promise.then(resolve);
    });
  }

  /** Nobody waits for it any more. */
  forget(): void {
    this.#over.abort();
  }
}

const meanwhile = 'until then their news come up to a second later';

const unconnected = (reason: string): Trouble => ({
  name: 'unconnected',
  reason: `the connection for LISTEN or NOTIFY failed: ${reason}`,
  todo: `it is tried again; ${meanwhile}`,
});

const silent: Trouble = unconnected(`no notification came back for ${probeTimeout / 1_000} s`);

const silenced: Trouble = {
  name: 'silenced',
  reason: 'a pooler stands before PostgreSQL through which no notification comes, as with pool_mode = transaction',
  todo: `give the address of the database itself by listenUrl (--listen-url), or use pool_mode = session; ${meanwhile}`,
};
