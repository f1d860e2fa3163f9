import { CloseCode, TidingsError } from '@tidings/protocol';
import { parseAction } from '@tidings/protocol/schemas';
import type { Clock } from '../domain/ports.ts';
import type { Connection, ConnectionEvents } from './connection.ts';

export interface FirstFrameParts {
  connection: Connection;
  clock: Pick<Clock, 'after'>;
  /** Time that is left for it, ms. */
  timeout: number;
  /** Time that is given for it from the connection on, ms. */
  limit: number;
  /** Serves the connection once its token came; null where it was turned away. Rejects where nobody is known by the token. */
  admit: (token: string) => Promise<((connection: Connection) => ConnectionEvents) | null>;
  /** Turns away who sent no token that is good. */
  refuse: (error: Error) => Promise<void>;
  /** Called when the connection has closed. */
  closed: () => void;
}

/** Time that a peer is given to answer a close, ms. */
const lingerMs = 1_000;

type State = { kind: 'waiting' } | { kind: 'checking' } | { kind: 'open'; events: ConnectionEvents } | { kind: 'gone' };

/** Waits for a first frame that says who is there (`?auth=frame`), then hands the connection over. */
export class FirstFrame implements ConnectionEvents {
  readonly #parts: FirstFrameParts;
  readonly #stopWaiting: () => void;
  #state: State = { kind: 'waiting' };
  #stopLingering: () => void = () => {};

  constructor(parts: FirstFrameParts) {
    this.#parts = parts;
    this.#stopWaiting = parts.clock.after(parts.timeout, () => this.#endLate());
  }

  receive(text: string): void {
    const state = this.#state;
    if (state.kind === 'open') state.events.receive(text);
    else if (state.kind === 'checking') {
      this.#close(CloseCode.unauthenticated, 'wait for connection_established before you send more');
    } else if (state.kind === 'waiting') {
      this.#state = { kind: 'checking' };
      void this.#check(text)
        .catch(this.#parts.refuse)
        .then(() => this.#state.kind === 'checking' && this.#linger());
    }
  }

  receiveBinary(bytes: Buffer): void {
    if (this.#state.kind === 'open') this.#state.events.receiveBinary(bytes);
    else this.receive(bytes.toString());
  }

  alive(): void {
    if (this.#state.kind === 'open') this.#state.events.alive();
  }

  drained(): void {
    if (this.#state.kind === 'open') this.#state.events.drained();
  }

  closed(code: number, reason: string): void {
    const before = this.#state;
    this.#state = { kind: 'gone' };
    this.#stopWaiting();
    this.#stopLingering();
    this.#parts.closed();
    if (before.kind === 'open') before.events.closed(code, reason);
  }

  /** Ends what has not said who is there, or could not be told from anybody, in time. */
  #endLate(): void {
    if (this.#state.kind === 'checking') {
      this.#close(CloseCode.overloaded, 'the token could not be checked in time; try again later');
    } else this.#close(CloseCode.unauthenticated, `no token came within ${this.#parts.limit / 1000} s`);
  }

  #close(code: number, reason: string): void {
    this.#parts.connection.close(code, reason);
    this.#linger();
  }

  /** Gives the peer of a connection that was closed a moment to answer that. */
  #linger(): void {
    this.#stopLingering();
    this.#stopLingering = this.#parts.clock.after(lingerMs, () => this.#parts.connection.destroy());
  }

  async #check(text: string): Promise<void> {
    const parsed = parseAction(text);
    if (!parsed.ok || parsed.action.action !== 'authenticate') {
      throw new TidingsError('unauthenticated', 'the first frame must be {"action":"authenticate","token":...}');
    }
    const open = await this.#parts.admit(parsed.action.token);
    // While the token was read the connection may have closed.
    if (this.#state.kind === 'checking' && open !== null) {
      this.#stopWaiting();
      this.#state = { kind: 'open', events: open(this.#parts.connection) };
    }
  }
}
