import { type ClientAction, CloseCode, TidingsError } from '@tidings/protocol';
import { parseAction } from '@tidings/protocol/schemas';
import type { Identity } from '../domain/identity.ts';
import { internalError } from '../domain/internal-error.ts';
import { LimitExceeded } from '../domain/limit-exceeded.ts';
import { closeWithRetry } from '../session/close.ts';
import type { ConnectionEvents } from '../session/connection.ts';
import type { Session } from '../session/session.ts';
import type { Telemetry } from '../telemetry/events.ts';

/** The most messages in a row that cannot be done, before the connection is closed. */
const maxFaults = 50;

export interface HealthSocketParts {
  session: Session;
  telemetry: Telemetry;
  /** Counts an action of a user, which brings so many bytes. Throws `too_many` past the user's limit. */
  count(userId: string, bytes: number): void;
  identify(token: string): Promise<Identity>;
  closed(code: number, reason: string): void;
}

/** Reads what an administrator's client says on a connection that shows health: a sign of life, and newer tokens. */
export class HealthSocket implements ConnectionEvents {
  readonly #parts: HealthSocketParts;
  #faults = 0;

  constructor(parts: HealthSocketParts) {
    this.#parts = parts;
  }

  receive(text: string): void {
    const { session, count } = this.#parts;
    session.heartbeat.alive();
    if (!session.isOpen) return;
    const parsed = parseAction(text);
    const { ref } = parsed;
    try {
      count(session.identity.id, Buffer.byteLength(text));
      if (!parsed.ok) throw new TidingsError(parsed.code, parsed.message);
    } catch (error) {
      this.#fail(error, ref);
      return;
    }
    this.#run(parsed.action).then(
      () => {
        this.#faults = 0;
        if (ref !== undefined) session.send({ type: 'reply', ref });
      },
      (error: unknown) => this.#fail(error, ref),
    );
  }

  receiveBinary(bytes: Buffer): void {
    this.receive(bytes.toString());
  }

  alive(): void {
    this.#parts.session.heartbeat.alive();
  }

  drained(): void {
    this.#parts.session.output.resume();
  }

  closed(code: number, reason: string): void {
    this.#parts.closed(code, reason);
  }

  async #run(action: ClientAction): Promise<void> {
    if (action.action === 'ping' || action.action === 'ack') return;
    if (action.action !== 'authenticate') {
      const message = `this connection shows the system's health, and takes "ping" and "authenticate"; send "${action.action}" on /ws/`;
      throw new TidingsError('bad_request', message);
    }
    const { session, identify } = this.#parts;
    const identity = await identify(action.token);
    session.renew(identity);
    session.viewer.setRoles(identity.roles);
  }

  #fail(error: unknown, ref: unknown): void {
    const { session, telemetry } = this.#parts;
    const known = error instanceof TidingsError ? error : null;
    if (known === null) telemetry.emit({ type: 'failure', where: 'health', error: error as Error });
    if (++this.#faults < maxFaults) {
      session.output.sendError(known ?? internalError(), ref);
    } else if (known instanceof LimitExceeded) {
      session.end(closeWithRetry(CloseCode.tooManyActions, known.retry_after_ms, 'too many actions; slow down'));
    } else session.close(CloseCode.badFrames, 'too many messages that cannot be done here');
  }
}
