import { type ClientAction, CloseCode, type ErrorCode, TidingsError } from '@tidings/protocol';
import { parseAction } from '@tidings/protocol/schemas';
import { runAction } from '../commands/actions.ts';
import type { ActionConnection, CommandContext, Person } from '../commands/context.ts';
import type { Identity } from '../domain/identity.ts';
import type { ConnectionEvents } from './connection.ts';
import type { Session } from './session.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Bounds of what a client may ask. */
export interface ActionLimits {
  /** Actions at once. */
  burst: number;
  /** Actions a second in the long run. */
  perSecond: number;
  /** Unreadable frames, or actions past the limit, in a row, before the session is closed. */
  maxFaults: number;
}

export interface ActionHandlerParts {
  session: Session;
  subscriptions: Subscriptions;
  context: CommandContext;
  limits: ActionLimits;
  identify: (token: string) => Promise<Identity>;
  closed: (code: number, reason: string) => void;
}

/** Reads the actions of a session's client, has them run, and answers. */
export class ActionHandler implements ConnectionEvents, ActionConnection {
  readonly #parts: ActionHandlerParts;
  readonly #person: Person;
  #allowance: number;
  #refilledAt: number;
  #unreadable = 0;
  #refused = 0;
  /** Messages that came before the client had caught up, to be read then; null since. */
  #early: string[] | null = [];

  constructor(parts: ActionHandlerParts) {
    this.#parts = parts;
    this.#person = {
      kind: 'person',
      get identity() {
        return parts.session.identity;
      },
      connection: this,
    };
    this.#allowance = parts.limits.burst;
    this.#refilledAt = parts.context.clock.now();
  }

  receive(text: string): void {
    const { session } = this.#parts;
    this.alive();
    if (!session.isOpen) return;
    if (!this.#early) this.#read(text);
    else if (this.#early.push(text) > this.#parts.limits.burst) {
      session.close(
        CloseCode.tooManyActions,
        'too many actions before connection_established and synced; wait for them',
      );
    }
  }

  /** Actions are JSON, whichever kind of message they come in. */
  receiveBinary(bytes: Buffer): void {
    this.receive(bytes.toString());
  }

  /** The client has caught up: reads what it asked for meanwhile. */
  begin(): void {
    const early = this.#early ?? [];
    this.#early = null;
    for (const text of early) if (this.#parts.session.isOpen) this.#read(text);
  }

  #read(text: string): void {
    const { session } = this.#parts;
    const parsed = parseAction(text);
    if (!this.#isAllowed(parsed.ref)) return;
    if (parsed.ok) {
      this.#unreadable = 0;
      void this.#run(parsed.action, parsed.ref);
      return;
    }
    if (!parsed.readable && ++this.#unreadable >= this.#parts.limits.maxFaults) {
      session.close(CloseCode.badFrames, 'too many frames that are not JSON objects');
      return;
    }
    session.output.sendError(parsed.code, parsed.message, parsed.ref);
  }

  alive(): void {
    this.#parts.session.heartbeat.alive(this.#parts.context.clock.now());
  }

  drained(): void {
    this.#parts.session.output.resume();
  }

  closed(code: number, reason: string): void {
    this.#parts.closed(code, reason);
  }

  subscribe(topic: string, answer: object, { done, ref }: { done: () => void; ref: unknown }): void {
    const { subscriptions, session } = this.#parts;
    if (subscriptions.count >= session.limits.topics) {
      throw new TidingsError(
        'too_many',
        `a connection may follow ${session.limits.topics} topics; unsubscribe from some`,
      );
    }
    subscriptions.add({
      topic,
      answer: () => session.send(answer),
      done,
      failed: (error) => this.#fail(error, ref),
    });
  }

  unsubscribe(topic: string, done: () => void): void {
    this.#parts.subscriptions.remove(topic, done);
  }

  async renew(token: string): Promise<Identity> {
    const { session } = this.#parts;
    const identity = await this.#parts.identify(token);
    if (identity.id !== session.identity.id) {
      throw new TidingsError(
        'unauthenticated',
        "the new token is another user's; open a connection of its own for that user",
      );
    }
    session.renew(identity);
    return identity;
  }

  sentUpTo(): number {
    return this.#parts.session.lastRev;
  }

  reply(ref: unknown, result: object): void {
    this.#parts.session.send({ ...result, type: 'reply', ref });
  }

  send(frame: object): void {
    this.#parts.session.send(frame);
  }

  fail(code: ErrorCode, message: string, ref: unknown): void {
    this.#parts.session.output.sendError(code, message, ref);
  }

  async #run(action: ClientAction, ref: unknown): Promise<void> {
    try {
      const result = await runAction(this.#parts.context, this.#person, action);
      if (result && ref !== undefined) this.reply(ref, result);
    } catch (error) {
      this.#fail(error, ref);
    }
  }

  #fail(error: unknown, ref: unknown): void {
    if (error instanceof TidingsError) this.fail(error.code, error.message, ref);
    else {
      this.#parts.context.telemetry.emit({ type: 'failure', where: 'action', error: error as Error });
      this.fail('internal', 'the server failed at this; it is in its log', ref);
    }
  }

  /** A token bucket: `burst` at once, `perSecond` in the long run. */
  #isAllowed(ref: unknown): boolean {
    const { limits, context, session } = this.#parts;
    const now = context.clock.now();
    // A clock that was set back takes nothing away.
    const refill = (Math.max(0, now - this.#refilledAt) / 1000) * limits.perSecond;
    this.#allowance = Math.min(limits.burst, this.#allowance + refill);
    this.#refilledAt = now;
    if (this.#allowance >= 1) {
      this.#allowance -= 1;
      this.#refused = 0;
      return true;
    }
    if (++this.#refused >= limits.maxFaults) session.close(CloseCode.tooManyActions, 'too many actions; slow down');
    else session.output.sendError('too_many', `more than ${limits.perSecond} actions a second; slow down`, ref);
    return false;
  }
}
