import { parseFrame, type ServerFrame, type TidingsError } from '@tidings/protocol';
import { errorOf, type Failure, failure, failureOfClose, failureOfError } from './failure.ts';
import { Listeners } from './handlers.ts';
import { Liveness } from './liveness.ts';
import { type Phase, type PhaseEvent, transitions } from './machine.ts';
import type { Settings, TokenSource } from './options.ts';
import { openSocket, type Socket } from './socket.ts';
import { type ClientState, type ClientStatus, idle } from './state.ts';
import { pageOrigin, serverUrl, socketUrl } from './url.ts';
import { onWake } from './wake.ts';

/** What a connection asks of and tells to the rest of the client. */
export interface ConnectionUse {
  /** What the next attempt resumes from, as members of its address. */
  resume(): Record<string, string>;
  /** Every frame, in the order received. */
  receive(frame: ServerFrame): void;
  /** Caught up: actions may be sent. */
  live(transmit: (text: string) => void): void;
  /** What was opened is gone. */
  down(): void;
  /** There will be no connection until `connect()`. */
  closed(error: TidingsError): void;
}

interface Waiter {
  promise: Promise<void>;
  resolve: () => void;
  reject: (error: TidingsError) => void;
}

const openingMs = 20_000;

/** Keeps one connection to the server, by the transitions of `machine.ts`. */
export class Connection {
  readonly changes: Listeners<ClientState>;
  readonly #settings: Settings;
  readonly #use: ConnectionUse;
  readonly #liveness: Liveness;
  #phase: Phase = 'idle';
  #state: ClientState = idle;
  #source: TokenSource | undefined;
  /** What this attempt's token came from, and the token. */
  #used: { source: TokenSource | undefined; token: string | undefined } = { source: undefined, token: undefined };
  /** Whether a refused token was replaced already since the last time one was good. */
  #renewed = false;
  #wasLive = false;
  /** Counts what is waited for, so that answers which come late are known as such. */
  #turn = 0;
  #socket: Socket | null = null;
  #waiter: Waiter | null = null;
  #cancelRetry = () => {};
  #sleep: (() => void) | null = null;

  constructor(settings: Settings, use: ConnectionUse) {
    this.#settings = settings;
    this.#use = use;
    this.#source = settings.token;
    this.changes = new Listeners(settings.logger);
    this.#liveness = new Liveness(settings.clock, () =>
      this.#fail(failure('connection_lost', 'the connection is dead: nothing was heard for too long', true)),
    );
  }

  get state(): ClientState {
    return this.#state;
  }

  connect(source?: TokenSource): Promise<void> {
    if (source !== undefined) this.#source = source;
    if (this.#phase === 'live') return Promise.resolve();
    this.#waiter ??= waiter();
    const { promise } = this.#waiter;
    if (this.#step('connect')) {
      this.#renewed = false;
      this.#sleep ??= onWake(() => this.#wake());
      this.#begin({ reason: null, attempt: 0 });
    }
    return promise;
  }

  disconnect(): void {
    if (this.#step('disconnect')) this.#close(failure('stopped', 'disconnect() was called', false));
  }

  #step(event: PhaseEvent): boolean {
    const next = transitions[this.#phase][event];
    if (next) this.#phase = next;
    return next !== null;
  }

  #publish(change: Partial<ClientState>): void {
    this.#state = { ...this.#state, retryAt: null, ...change, status: statusOf(this.#phase, change, this.#state) };
    this.changes.emit(this.#state);
  }

  #begin(change: Partial<ClientState>): void {
    this.#cancelRetry();
    const turn = ++this.#turn;
    const source = this.#source;
    this.#publish(change);
    tokenOf(source).then(
      (token) => turn === this.#turn && this.#open({ source, token }),
      (error) => turn === this.#turn && this.#fail(failureOfError(error, 'unauthenticated')),
    );
  }

  #open(used: { source: TokenSource | undefined; token: string | undefined }): void {
    if (!this.#step('authorized')) return;
    this.#used = used;
    const { url, query, WebSocket = globalThis.WebSocket } = this.#settings;
    try {
      const base = serverUrl(url);
      const protocols = used.token ? ['tidings.v1', `bearer.${used.token}`] : ['tidings.v1'];
      this.#liveness.heard(openingMs);
      this.#socket = openSocket(WebSocket, socketUrl(base, { ...query, ...this.#use.resume() }), protocols, {
        opened: () => {
          this.#step('opened');
          this.#liveness.heard();
        },
        received: (text) => this.#received(text),
        closed: (code, reason) => this.#closed(base, code, reason),
      });
    } catch (error) {
      this.#fail(failureOfError(error, 'bad_request'));
    }
  }

  #received(text: string): void {
    this.#liveness.heard();
    const frame = parseFrame(text);
    if (!frame) {
      this.#settings.logger.warn('tidings: the server sent what is no frame', text.slice(0, 200));
      return;
    }
    if (frame.type === 'connection_established') {
      const { user_id: id, username, roles } = frame;
      this.#publish({ user: { id, username, roles } });
    }
    this.#use.receive(frame);
    if (frame.type === 'synced' && this.#step('synced')) this.#synced();
  }

  #synced(): void {
    this.#renewed = false;
    this.#wasLive = true;
    this.#use.live((text) => this.#socket?.send(text));
    this.#publish({ reason: null, attempt: 0 });
    this.#waiter?.resolve();
    this.#waiter = null;
  }

  #closed(base: URL, code: number, reason: string): void {
    this.#socket = null;
    if (!this.#step('cut')) this.#fail(failureOfClose(code, reason));
    else this.#ask(base);
  }

  /** Browsers hide why an upgrade was refused. What finds it out is loaded then, if it can be. */
  #ask(base: URL): void {
    this.#liveness.stop();
    const turn = ++this.#turn;
    const { query, clock, fetch = globalThis.fetch } = this.#settings;
    import('./refused-upgrade.ts')
      .then(({ whyRefused }) =>
        whyRefused({ base, token: this.#used.token, query, fetch, clock, origin: pageOrigin() }),
      )
      .catch(() => failure('unreachable', `no server answered at ${base.href}`, true).reason)
      .then((reason) => turn === this.#turn && this.#fail({ reason }));
  }

  #fail({ reason, delayMs }: Failure): void {
    const attempt = this.#state.attempt + 1;
    const { attempts } = this.#settings.reconnect;
    let again = reason.retryable;
    if (reason.code === 'unauthenticated' && !again && this.#mayRenew()) {
      this.#renewed = again = true;
      delayMs = 0;
    }
    // Pages of this origin were accepted before: rather a server or proxy that is coming up.
    if (reason.code === 'origin_not_allowed' && this.#wasLive) again = true;
    // Where resuming at once did not help it must not become a loop.
    if (reason.code === 'too_slow' && attempt > 1) delayMs = undefined;
    if (again && attempt <= attempts && this.#step('lost')) {
      this.#retry({ ...reason, retryable: true }, attempt, delayMs);
    } else if (this.#step('refused')) {
      const message = again && attempts > 0 ? `${reason.message}; gave up after ${attempt} attempts` : reason.message;
      this.#close({ reason: { ...reason, message, retryable: false } }, attempt);
    }
  }

  #mayRenew(): boolean {
    return !this.#renewed && (typeof this.#source !== 'string' || this.#source !== this.#used.source);
  }

  #retry(reason: ClientState['reason'], attempt: number, delayMs = this.#backOff(attempt)): void {
    this.#hangUp();
    const { clock } = this.#settings;
    this.#cancelRetry = clock.after(delayMs, () => this.#due());
    this.#publish({ reason, attempt, retryAt: clock.now() + delayMs });
  }

  /** Exponential, from half to one and a half of the nominal delay, so that many clients do not come at once. */
  #backOff(attempt: number): number {
    const { minDelayMs, maxDelayMs } = this.#settings.reconnect;
    const delay = Math.min(maxDelayMs, minDelayMs * 2 ** (attempt - 1));
    return Math.round(delay * (0.5 + this.#settings.random()));
  }

  #due(): void {
    if (this.#step('due')) this.#begin({});
  }

  #close({ reason }: Failure, attempt = this.#state.attempt): void {
    this.#cancelRetry();
    this.#hangUp();
    this.#sleep?.();
    this.#sleep = null;
    const error = errorOf(reason);
    const closing = this.#waiter;
    this.#waiter = null;
    this.#use.closed(error);
    this.#publish({ reason, attempt });
    closing?.reject(error);
  }

  #hangUp(): void {
    this.#turn++;
    this.#liveness.stop();
    this.#socket?.close();
    this.#socket = null;
    this.#use.down();
  }

  #wake(): void {
    // An attempt that is under way may wait for a network that is gone. A server that restarts has said when it wants to hear from each.
    if (/ing$/.test(this.#phase) && this.#state.reason?.code !== 'restarting') {
      this.#hangUp();
      this.#step('lost');
      this.#due();
    }
    if (this.#phase !== 'live') return;
    this.#socket?.send('{"action":"ping","ref":"wake"}');
    this.#liveness.doubt();
  }
}

/** What the application is told of a phase; attempts after a failure are reconnections. */
function statusOf(phase: Phase, change: Partial<ClientState>, before: ClientState): ClientStatus {
  if (phase === 'idle' || phase === 'closed') return phase;
  if (phase === 'live') return 'connected';
  return (change.attempt ?? before.attempt) > 0 ? 'reconnecting' : 'connecting';
}

async function tokenOf(source: TokenSource | undefined): Promise<string | undefined> {
  return typeof source === 'function' ? await source() : source;
}

function waiter(): Waiter {
  const made = {} as Waiter;
  made.promise = new Promise((resolve, reject) => {
    made.resolve = resolve;
    made.reject = reject;
  });
  // The state tells the same, so that nobody is obliged to await it.
  made.promise.catch(() => {});
  return made;
}
