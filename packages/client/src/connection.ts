import { type FrameOf, parseFrame, type ServerFrame, type TidingsError } from '@tidings/protocol';
import type { Verdict } from './diagnosis.ts';
import { errorOf } from './failure.ts';
import { Listeners } from './handlers.ts';
import { Liveness } from './liveness.ts';
import { type Phase, type PhaseEvent, transitions } from './machine.ts';
import type { Settings, TokenSource } from './options.ts';
import { type ClientReason, type ClientState, idle } from './state.ts';
import { tokenOf, tokenPattern } from './token.ts';
import { pageOrigin, serverUrl, socketUrl } from './url.ts';
import { onWake } from './wake.ts';

/** What a connection asks of and tells to the rest of the client. */
export interface ConnectionUse {
  /** What the next attempt resumes from, as members of its address. */
  resume(): Record<string, string>;
  /** `connect()` was called with another token: what is asked for from now on may be another user's. */
  replaced(): void;
  /** A session begins, of the user of whom something may be kept or of another, before anybody else hears of it. */
  begin(frame: FrameOf<'connection_established'>, isOther: boolean): void;
  /** Every frame, in the order received. */
  receive(frame: ServerFrame): void;
  /** Caught up: actions may be sent. */
  live(transmit: (text: string) => void): void;
  /** The connection that was opened is gone. @param closeCode as the server gave it */
  down(closeCode?: number): void;
  /** There will be no connection until `connect()`. */
  closed(error: TidingsError): void;
}

interface Waiter {
  promise: Promise<void>;
  resolve: () => void;
  reject: (error: TidingsError) => void;
}

/** How long may be waited for a token, for the server's first frame, for why that did not come, and else for why a connection has ended. */
const tokenMs = 15_000;
const openingMs = 10_000;
const probingMs = 15_000;
const judgingMs = 3_000;
/** How long nothing may be heard after an action was sent until that is a reason for doubt, and how long a connection may take to answer then. */
const quietMs = 10_000;
const doubtMs = 5_000;

/** Keeps one connection to the server, by the transitions of `machine.ts`. */
export class Connection {
  readonly changes: Listeners<ClientState>;
  readonly #settings: Settings;
  readonly #use: ConnectionUse;
  readonly #liveness: Liveness;
  #phase: Phase = 'idle';
  #state: ClientState = idle;
  #source: TokenSource | undefined;
  /** Of this attempt; null before it has one, empty where the cookie is it. */
  #token: string | null = null;
  /** When a token was refused first since the last one that was good. */
  #refusedAt = 0;
  /** Milliseconds by which the server's clock is ahead of this device's. */
  #ahead = 0;
  /** Counts what is waited for, so that answers which come late are known as such. */
  #turn = 0;
  #socket: WebSocket | null = null;
  #waiter: Waiter | null = null;
  #cancelRetry = () => {};
  /** How many actions were sent since the server was heard last; below zero once a sign of life was asked for. */
  #unheard = 0;
  #sleep: (() => void) | null = null;

  constructor(settings: Settings, use: ConnectionUse) {
    this.#settings = settings;
    this.#use = use;
    this.#source = settings.token;
    this.changes = new Listeners(settings.logger);
    this.#liveness = new Liveness(settings.clock, () => (this.#unheard > 0 ? this.#wake() : this.#lost()));
  }

  get state(): ClientState {
    return this.#state;
  }

  now(): number {
    return this.#settings.clock.now() + this.#ahead;
  }

  connect(source = this.#source): Promise<void> {
    const isOther = source !== this.#source;
    if (isOther) this.#use.replaced();
    this.#source = source;
    if (this.#phase === 'live' && !isOther) return Promise.resolve(this.#wake());
    this.#waiter ??= waiter();
    const { promise } = this.#waiter;
    if (isOther && this.#step('lost')) this.#hangUp();
    if (this.#step('connect')) {
      this.#refusedAt = 0;
      this.#sleep ??= onWake(() => this.#wake());
      this.#begin({ reason: null, attempt: 0 });
    }
    return promise;
  }

  disconnect(): void {
    if (this.#step('disconnect')) {
      this.#close({ code: 'stopped', message: 'disconnect() was called', retryable: false }, this.#state.attempt);
    }
  }

  #step(event: PhaseEvent): boolean {
    const next = transitions[this.#phase][event];
    if (next) this.#phase = next;
    return !!next;
  }

  #publish(change: Partial<ClientState>): void {
    const state = { ...this.#state, retryAt: null, ...change };
    const underWay = state.attempt > 0 ? 'reconnecting' : 'connecting';
    state.status = this.#phase === 'closed' ? 'closed' : this.#phase === 'live' ? 'connected' : underWay;
    this.#state = state;
    this.changes.emit(state);
  }

  #begin(change: Partial<ClientState>): void {
    this.#cancelRetry();
    const turn = ++this.#turn;
    this.#token = null;
    this.#liveness.expect(tokenMs);
    this.#publish(change);
    tokenOf(this.#source)
      .then((token) => {
        if (turn !== this.#turn) return;
        // The cookie is the token, unless one was named.
        if (tokenPattern.test(token) || (!token && typeof this.#source !== 'function')) this.#open(token, turn);
        else this.#lost(token);
      })
      .catch((error) => turn === this.#turn && this.#lost(error));
  }

  /** @throws where the address or the token can be of no socket */
  #open(token: string, turn: number): void {
    this.#step('authorized');
    this.#token = token;
    const { url, query, WebSocket = globalThis.WebSocket } = this.#settings;
    const protocols = token ? ['tidings.v1', `bearer.${token}`] : ['tidings.v1'];
    const address = socketUrl(serverUrl(url), { ...query, ...this.#use.resume() });
    this.#liveness.expect(openingMs);
    const socket = new WebSocket(address, protocols);
    this.#socket = socket;
    socket.onmessage = ({ data }) => turn === this.#turn && typeof data === 'string' && this.#received(data);
    socket.onclose = (close) => turn === this.#turn && this.#lost(close);
    // A close follows, which says more; without a handler some implementations throw.
    socket.onerror = () => {};
  }

  #received(text: string): void {
    const frame = parseFrame(text);
    if (frame?.type === 'connection_established') this.#established(frame);
    else if (this.#phase === 'opening') {
      this.#lost(text);
      return;
    }
    this.#unheard = 0;
    this.#liveness.heard();
    if (!frame) {
      this.#settings.logger.warn('tidings: no frame', text.slice(0, 200));
      return;
    }
    this.#use.receive(frame);
    if (frame.type === 'synced' && this.#step('synced')) this.#synced();
  }

  #established(frame: FrameOf<'connection_established'>): void {
    const { user_id: id, username, roles, server_time } = frame;
    const { user } = this.#state;
    const isOther = !!user && user.id !== id;
    // A cursor names its user.
    if (isOther) {
      frame.recovered = false;
      frame.cursor = null;
    }
    this.#step('opened');
    this.#ahead = Date.parse(server_time) - this.#settings.clock.now() || 0;
    this.#use.begin(frame, isOther);
    this.#publish({ user: { id, username, roles } });
  }

  #synced(): void {
    this.#refusedAt = 0;
    this.#use.live((text) => {
      this.#socket?.send(text);
      if (!this.#unheard++) this.#liveness.expect(quietMs);
    });
    this.#publish({ reason: null, attempt: 0 });
    this.#waiter?.resolve();
    this.#waiter = null;
  }

  /**
   * The attempt, or the connection, has ended. What finds out why, and what to do, is loaded then; while it cannot be, the next attempt
   * follows in some seconds.
   *
   * @param problem an error, what came in the place of a greeting, or the event of a close; nothing where nothing came in time
   */
  #lost(problem?: unknown): void {
    const phase = this.#phase;
    // The diagnosis of an earlier end did not answer in time itself.
    const isLate = !this.#step('cut');
    this.#hangUp((problem as Partial<CloseEvent> | undefined)?.code);
    this.#liveness.expect(phase === 'opening' ? probingMs : judgingMs);
    const turn = this.#turn;
    const unknown: Verdict = {
      reason: { code: 'connection_lost', message: 'the connection was lost', retryable: true },
      delayMs: 1_000 + 4_000 * this.#settings.random(),
    };
    const ended = {
      ...{ problem, phase, token: this.#token, source: this.#source, settings: this.#settings },
      ...{ state: this.#state, refusedAt: this.#refusedAt, serverUrl, pageOrigin },
    };
    const verdict = isLate ? Promise.reject() : import('./diagnosis.ts').then(({ judge }) => judge(ended));
    verdict.catch(() => unknown).then((found) => turn === this.#turn && this.#apply(found));
  }

  #apply({ reason, delayMs }: Verdict): void {
    const now = this.#settings.clock.now();
    this.#hangUp();
    const attempt = this.#state.attempt + 1;
    if (reason.code === 'unauthenticated') this.#refusedAt ||= now;
    if (delayMs !== null && this.#step('lost')) {
      this.#cancelRetry = this.#settings.clock.after(delayMs, () => this.#due());
      this.#publish({ reason, attempt, retryAt: now + delayMs });
    } else if (this.#step('refused')) this.#close(reason, attempt);
  }

  #due(): void {
    if (this.#step('due')) this.#begin({});
  }

  #close(reason: ClientReason, attempt: number): void {
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

  #hangUp(closeCode?: number): void {
    this.#turn++;
    this.#unheard = 0;
    this.#liveness.stop();
    this.#socket?.close(1000);
    this.#socket = null;
    this.#use.down(closeCode);
  }

  #wake(): void {
    // An attempt that is under way may wait for a network that is gone. A server that restarts has said when it wants to hear from each.
    if (/ing$/.test(this.#phase) && this.#state.reason?.code !== 'restarting') {
      this.#hangUp();
      this.#step('lost');
      this.#due();
    }
    if (this.#phase === 'live' && this.#unheard >= 0) {
      this.#socket?.send('{"action":"ping","ref":0}');
      this.#unheard = Number.NEGATIVE_INFINITY;
      this.#liveness.expect(doubtMs);
    }
  }
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
