import { type FrameOf, parseFrame, type ServerFrame, type TidingsError } from '@tidings/protocol';
import type { Verdict } from './diagnosis.ts';
import { errorOf } from './failure.ts';
import { Listeners } from './handlers.ts';
import { Liveness } from './liveness.ts';
import { type Phase, type PhaseEvent, transitions } from './machine.ts';
import type { Settings } from './options.ts';
import { type ClientReason, type ClientState, idle } from './state.ts';
import { tokenOf, tokenPattern } from './token.ts';
import type { Transport, TransportClose, TransportConnection } from './transport/transport.ts';
import { pageOrigin, serverUrl } from './url.ts';
import { onWake } from './wake.ts';

/** The rest of the client, as a connection needs it and reports to it. */
export interface ConnectionHost {
  /** The members of the next attempt's address: those of the settings, and the state that it resumes from. */
  query(): Record<string, string>;
  /** `connect()` was called with another token: actions from now on may be another user's. */
  replaced(): void;
  /** A session begins. Called before any other part of the client sees the frame. @param isOther true for another user than before */
  begin(frame: FrameOf<'connection_established'>, isOther: boolean): void;
  /** Called with every frame, in the order received. */
  receive(frame: ServerFrame): void;
  /** Caught up: actions may be sent. */
  start(transmit: (text: string) => void): void;
  /** The connection has ended. @param closeCode as the server gave it */
  stop(closeCode?: number): void;
  /** There will be no connection until `connect()`. */
  closed(error: TidingsError): void;
}

/** Time limits in milliseconds: for a token, for the server's first frame, and for the diagnosis of a failed attempt or a lost connection. */
const tokenMs = 15_000;
const openingMs = 10_000;
const attemptDiagnosisMs = 15_000;
const lossDiagnosisMs = 3_000;
/** Time after an action without any frame until the connection is probed, and the time limit of the probe, in milliseconds. */
const probeAfterMs = 10_000;
const probeMs = 5_000;

/** Keeps one connection to the server, by the transitions of `machine.ts`. */
export class Connection {
  readonly changes: Listeners<ClientState>;
  readonly #settings: Settings;
  readonly #transport: Transport;
  readonly #host: ConnectionHost;
  readonly #liveness: Liveness;
  #phase: Phase = 'idle';
  #state: ClientState = idle;
  /** The token of this attempt; null before it has one, empty if the cookie signs in. */
  #token: string | null = null;
  /** The time of the first refusal of a token since one was accepted; 0 for none. */
  #refusedAt = 0;
  /** Milliseconds by which the server's clock is ahead of this device's. */
  #ahead = 0;
  /** Counts the attempts, so that results of an earlier one are ignored. */
  #attemptId = 0;
  #link: TransportConnection | null = null;
  /** The promise that `connect()` has returned, until it is settled. */
  #caughtUp: Promise<void> | null = null;
  #settle: (error?: TidingsError) => void = () => {};
  #cancelRetry = () => {};
  /** Actions sent since the last frame came; below zero while a probe is under way. */
  #unanswered = 0;
  #stopWake: (() => void) | null = null;

  constructor(settings: Settings, transport: Transport, host: ConnectionHost) {
    this.#settings = settings;
    this.#transport = transport;
    this.#host = host;
    this.changes = new Listeners(settings.logger);
    this.#liveness = new Liveness(settings.clock, () => (this.#unanswered > 0 ? this.#wake() : this.#lost()));
  }

  get state(): ClientState {
    return this.#state;
  }

  now(): number {
    return this.#settings.clock.now() + this.#ahead;
  }

  connect(source = this.#settings.token): Promise<void> {
    const isOther = source !== this.#settings.token;
    if (isOther) this.#host.replaced();
    this.#settings.token = source;
    if (this.#phase === 'live' && !isOther) return Promise.resolve(this.#wake());
    this.#caughtUp ??= new Promise((resolve, reject) => {
      this.#settle = (error) => (error ? reject(error) : resolve());
    });
    const promise = this.#caughtUp;
    // `state` says the same, so nobody has to await the promise.
    promise.catch(() => {});
    if (isOther && this.#step('lost')) this.#disconnect();
    if (this.#step('connect')) {
      this.#refusedAt = 0;
      this.#stopWake ??= onWake(() => this.#wake());
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
    state.status =
      this.#phase === 'closed'
        ? 'closed'
        : this.#phase === 'live'
          ? 'connected'
          : state.attempt
            ? 'reconnecting'
            : 'connecting';
    this.#state = state;
    this.changes.emit(state);
  }

  #begin(change: Partial<ClientState>): void {
    const attemptId = ++this.#attemptId;
    this.#token = null;
    this.#liveness.start(tokenMs);
    this.#publish(change);
    tokenOf(this.#settings.token)
      .then((token) => {
        if (attemptId !== this.#attemptId) return;
        // Without a token the cookie signs in.
        if (tokenPattern.test(token) || (!token && typeof this.#settings.token !== 'function')) this.#open(token);
        else this.#lost(token);
      })
      .catch((error) => attemptId === this.#attemptId && this.#lost(error));
  }

  /** @throws if the address or the token cannot be used */
  #open(token: string): void {
    this.#step('authorized');
    this.#token = token;
    this.#liveness.start(openingMs);
    this.#link = this.#transport.connect(
      { url: serverUrl(this.#settings.url), token, query: this.#host.query() },
      { receive: (text) => this.#receive(text), closed: (close) => this.#lost(close) },
    );
  }

  #receive(text: string): void {
    const frame = parseFrame(text);
    if (frame?.type === 'connection_established') this.#established(frame);
    else if (this.#phase === 'opening') {
      this.#lost(text);
      return;
    }
    this.#unanswered = 0;
    this.#liveness.extend((this.#link as TransportConnection).traits.silenceMs);
    if (frame) {
      this.#host.receive(frame);
      if (frame.type === 'synced' && this.#step('synced')) this.#synced();
    } else this.#settings.logger.warn('tidings: no frame', text.slice(0, 200));
  }

  #established(frame: FrameOf<'connection_established'>): void {
    const { user_id: id, username, roles, server_time } = frame;
    const isOther = (this.#state.user?.id ?? id) !== id;
    // A cursor names its user.
    if (isOther) {
      frame.recovered = false;
      frame.cursor = null;
    }
    this.#step('opened');
    this.#ahead = Date.parse(server_time) - this.#settings.clock.now() || 0;
    this.#host.begin(frame, isOther);
    this.#publish({ user: { id, username, roles } });
  }

  #synced(): void {
    this.#refusedAt = 0;
    this.#host.start((text) => {
      this.#link?.send(text);
      if (!this.#unanswered++) this.#liveness.start(probeAfterMs);
    });
    this.#publish({ reason: null, attempt: 0 });
    this.#settle();
    this.#caughtUp = null;
  }

  /**
   * The attempt, or the connection, has ended. `diagnosis.ts`, which finds out why and what to do, is loaded then; where that fails, the
   * next attempt follows in some seconds.
   *
   * @param problem an error, the text that came in the place of a greeting, or a close; undefined if nothing came in time
   */
  #lost(problem?: unknown): void {
    const phase = this.#phase;
    // True if the diagnosis itself took too long.
    const isLate = !this.#step('cut');
    this.#disconnect((problem as Partial<TransportClose> | undefined)?.code);
    this.#liveness.start(phase === 'opening' ? attemptDiagnosisMs : lossDiagnosisMs);
    const attemptId = this.#attemptId;
    const ended = {
      ...{ problem, phase, token: this.#token, settings: this.#settings },
      ...{ state: this.#state, refusedAt: this.#refusedAt, url: serverUrl, origin: pageOrigin },
    };
    const verdict = isLate ? Promise.reject() : import('./diagnosis.ts').then(({ judge }) => judge(ended));
    verdict
      .catch(() => ({
        reason: { code: 'connection_lost', message: 'the connection was lost', retryable: true } as const,
        delayMs: 1_000 + 4_000 * this.#settings.random(),
      }))
      .then((found) => attemptId === this.#attemptId && this.#apply(found));
  }

  #apply({ reason, delayMs }: Verdict): void {
    const now = this.#settings.clock.now();
    this.#disconnect();
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
    this.#disconnect();
    this.#stopWake?.();
    this.#stopWake = null;
    const error = errorOf(reason);
    const settle = this.#settle;
    this.#caughtUp = null;
    this.#host.closed(error);
    this.#publish({ reason, attempt });
    settle(error);
  }

  #disconnect(closeCode?: number): void {
    this.#cancelRetry();
    this.#attemptId++;
    this.#unanswered = 0;
    this.#liveness.stop();
    this.#link?.close();
    this.#link = null;
    this.#host.stop(closeCode);
  }

  #wake(): void {
    // An attempt that is under way may wait for a network that is gone. A server that restarts has said when to come back.
    if (/ing$/.test(this.#phase) && this.#state.reason?.code !== 'restarting') {
      this.#disconnect();
      this.#step('lost');
      this.#due();
    }
    if (this.#phase === 'live' && this.#unanswered >= 0) {
      this.#link?.send('{"action":"ping","ref":0}');
      this.#unanswered = Number.NEGATIVE_INFINITY;
      this.#liveness.start(probeMs);
    }
  }
}
