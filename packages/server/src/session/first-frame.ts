import { CloseCode, TidingsError } from '@tidings/protocol';
import { parseAction } from '@tidings/protocol/schemas';
import type { Clock } from '../domain/ports.ts';
import type { Connection, ConnectionEvents } from './connection.ts';

export interface FirstFrameParts {
  connection: Connection;
  clock: Pick<Clock, 'after'>;
  /** Time limit of the frame, ms. */
  timeout: number;
  /** Serves the connection once its token came; null where it was turned away. Rejects where nobody is known by the token. */
  admit: (token: string) => Promise<((connection: Connection) => ConnectionEvents) | null>;
  /** Turns away who sent no token that is good. */
  refuse: (error: Error) => Promise<void>;
  /** Called when the connection has closed. */
  closed: () => void;
}

type State = { kind: 'waiting' } | { kind: 'checking' } | { kind: 'open'; events: ConnectionEvents } | { kind: 'gone' };

/** Waits for a first frame that says who is there (`?auth=frame`), then hands the connection over. */
export class FirstFrame implements ConnectionEvents {
  readonly #parts: FirstFrameParts;
  readonly #stopWaiting: () => void;
  #state: State = { kind: 'waiting' };

  constructor(parts: FirstFrameParts) {
    this.#parts = parts;
    const { connection, clock, timeout } = parts;
    this.#stopWaiting = clock.after(timeout, () => {
      connection.close(CloseCode.unauthenticated, `no token came within ${timeout / 1000} s`);
    });
  }

  receive(text: string): void {
    const state = this.#state;
    if (state.kind === 'open') state.events.receive(text);
    else if (state.kind === 'checking') {
      const reason = 'wait for connection_established before you send more';
      this.#parts.connection.close(CloseCode.unauthenticated, reason);
    } else if (state.kind === 'waiting') {
      this.#stopWaiting();
      this.#state = { kind: 'checking' };
      void this.#check(text).catch(this.#parts.refuse);
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
    this.#parts.closed();
    if (before.kind === 'open') before.events.closed(code, reason);
  }

  async #check(text: string): Promise<void> {
    const parsed = parseAction(text);
    if (!parsed.ok || parsed.action.action !== 'authenticate') {
      throw new TidingsError('unauthenticated', 'the first frame must be {"action":"authenticate","token":...}');
    }
    const open = await this.#parts.admit(parsed.action.token);
    // While the token was read the connection may have closed.
    if (this.#state.kind === 'checking' && open !== null) {
      this.#state = { kind: 'open', events: open(this.#parts.connection) };
    }
  }
}
