import { type ClientAction, CloseCode, TidingsError } from '@tidings/protocol';
import { parseAction } from '@tidings/protocol/schemas';
import { runAction } from '../commands/actions.ts';
import type { ActionConnection, CommandContext, Person } from '../commands/context.ts';
import { markMentionsRead } from '../commands/room-mentions.ts';
import type { Identity } from '../domain/identity.ts';
import { internalError } from '../domain/internal-error.ts';
import { LimitExceeded } from '../domain/limit-exceeded.ts';
import { isRoomTopic } from '../domain/rooms.ts';
import type { Counters } from '../telemetry/counters.ts';
import { closeWithRetry } from './close.ts';
import type { ConnectionEvents } from './connection.ts';
import type { Registry } from './registry.ts';
import type { Session } from './session.ts';
import type { Subscriptions } from './subscriptions.ts';
import { topicLimitOf } from './topic-limit.ts';

/** Bounds of what a client may ask. */
export interface ActionLimits {
  /** Actions that are kept until the client has caught up. */
  early: number;
  /** Bytes that these may have together. */
  earlyBytes: number;
  /** Unreadable frames, or actions past a limit, in a row, before the session is closed. */
  maxFaults: number;
  /** Counts an action of a user, which brings so many bytes. Throws `too_many` past the user's limit. */
  count(userId: string, bytes: number): void;
}

export interface ActionHandlerParts {
  session: Session;
  subscriptions: Subscriptions;
  context: CommandContext;
  limits: ActionLimits;
  counters: Counters;
  registry: Pick<Registry, 'topicsOf'>;
  identify: (token: string) => Promise<Identity>;
  closed: (code: number, reason: string) => void;
}

/** The steps behind a subscription. */
interface SubscribeSteps {
  done: () => void;
  /** Called in place of the error that answers `ref`. */
  failed?: (error: unknown) => void;
  ref: unknown;
  /** False if the session is neither shown in the room nor sent who is there. */
  isPresent: boolean;
  /** The entry behind which the log of the task is followed; null if it is not asked for. */
  logAfter: number | null;
}

/** Reads the actions of a session's client, has them run, and answers. */
export class ActionHandler implements ConnectionEvents, ActionConnection {
  readonly #parts: ActionHandlerParts;
  readonly #person: Person;
  #unreadable = 0;
  #refused = 0;
  /** Messages that came before the client had caught up, to be read then; null since. */
  #early: string[] | null = [];
  #earlyBytes = 0;

  constructor(parts: ActionHandlerParts) {
    this.#parts = parts;
    this.#person = {
      kind: 'person',
      get identity() {
        return parts.session.identity;
      },
      connection: this,
    };
  }

  get session(): Session {
    return this.#parts.session;
  }

  receive(text: string): void {
    const { session } = this.#parts;
    this.#noteLife();
    if (!session.isOpen) return;
    if (this.#early) this.#keep(text, this.#early);
    else this.#read(text);
  }

  /** Keeps a message until the client has caught up. */
  #keep(text: string, early: string[]): void {
    const { session, limits } = this.#parts;
    this.#earlyBytes += Buffer.byteLength(text);
    if (early.push(text) <= limits.early && this.#earlyBytes <= limits.earlyBytes) return;
    early.length = 0;
    const reason = 'too many actions before connection_established and synced; wait for them';
    session.close(CloseCode.tooManyActions, reason);
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
    // Ahead of the schemas: checking a thousand ids costs more than refusing them.
    try {
      this.#parts.limits.count(session.identity.id, Buffer.byteLength(text));
    } catch (error) {
      this.fail(error, refOf(text));
      return;
    }
    const parsed = parseAction(text);
    if (parsed.ok) {
      this.#unreadable = 0;
      void this.#run(parsed.action, parsed.ref);
      return;
    }
    if (!parsed.readable && ++this.#unreadable >= this.#parts.limits.maxFaults) {
      session.close(CloseCode.badFrames, 'too many frames that are not JSON objects');
      return;
    }
    session.output.sendError(parsed, parsed.ref);
  }

  alive(): void {
    this.#noteLife();
    this.#parts.session.output.answered();
  }

  drained(): void {
    this.#parts.session.output.resume();
  }

  timedOut(): void {
    this.#parts.session.rooms.refreshPresence();
  }

  closed(code: number, reason: string): void {
    this.#parts.closed(code, reason);
  }

  subscribe(topic: string, answer: object, { done, ref, failed, isPresent, logAfter }: SubscribeSteps): void {
    const { session, context } = this.#parts;
    this.#checkRoom();
    this.#parts.subscriptions.add({
      ...{ topic, isPresent },
      answer: () => {
        session.send(answer);
        if (logAfter !== null) session.logs.follow(topic, logAfter);
      },
      done: () => {
        done();
        if (isPresent && isRoomTopic(topic)) void markMentionsRead(context, session.identity, topic);
      },
      failed: failed ?? ((error) => this.fail(error, ref)),
    });
  }

  unsubscribe(topic: string, done: () => void): void {
    this.#parts.subscriptions.remove(topic, done);
  }

  setPresence(topic: string, state: string): Promise<void> {
    const { session, subscriptions } = this.#parts;
    return new Promise((resolve, reject) =>
      subscriptions.callInTurn(() => {
        try {
          resolve(session.rooms.setPresence(topic, state));
        } catch (error) {
          reject(error);
        }
      }),
    );
  }

  async renew(token: string): Promise<Identity> {
    const { session } = this.#parts;
    const identity = await this.#parts.identify(token);
    session.renew(identity);
    return identity;
  }

  sentUpTo(): number {
    return this.#parts.session.feed.lastRev;
  }

  reply(ref: unknown, result: object): void {
    this.#parts.session.send({ ...result, type: 'reply', ref });
  }

  send(frame: object): void {
    this.#parts.session.send(frame);
  }

  /** Throws `too_many` if this connection, or its user, may follow no more topics. */
  #checkRoom(): void {
    const { subscriptions, session, registry, counters } = this.#parts;
    const { count } = subscriptions;
    const { most, by } = topicLimitOf(session, registry);
    if (count < most) return;
    counters.refused[by]++;
    const { topics, topicsPerUser } = session.limits;
    const message =
      by === 'maxTopics'
        ? `a connection may follow ${topics} topics, and this one follows ${count}; unsubscribe from some`
        : `a user may follow ${topicsPerUser} topics on all connections together; unsubscribe from some`;
    throw new TidingsError('too_many', message);
  }

  #noteLife(): void {
    this.#parts.session.heartbeat.alive();
  }

  async #run(action: ClientAction, ref: unknown): Promise<void> {
    try {
      const result = await runAction(this.#parts.context, this.#person, action);
      this.#refused = 0;
      if (result && ref !== undefined) this.reply(ref, result);
    } catch (error) {
      this.fail(error, ref);
    }
  }

  /** Answers that an action failed, or was refused. */
  fail(error: unknown, ref: unknown): void {
    const { session, limits, context } = this.#parts;
    if (!(error instanceof TidingsError)) {
      context.telemetry.emit({ type: 'failure', where: 'action', error: error as Error });
      session.output.sendError(internalError(), ref);
    } else if (error instanceof LimitExceeded && ++this.#refused >= limits.maxFaults) {
      session.end(closeWithRetry(CloseCode.tooManyActions, error.retry_after_ms, 'too many actions; slow down'));
    } else session.output.sendError(error, ref);
  }
}

/** The `ref` of an action that is refused without being checked. */
function refOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { ref?: unknown } | null)?.ref;
  } catch {
    return undefined;
  }
}
