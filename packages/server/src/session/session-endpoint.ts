import { CloseCode, TidingsError } from '@tidings/protocol';
import type { CommandContext } from '../commands/context.ts';
import type { Identity } from '../domain/identity.ts';
import { newId } from '../domain/ids.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import { ActionHandler, type ActionLimits } from './action-handler.ts';
import type { CatchUps } from './catch-ups.ts';
import type { Connection } from './connection.ts';
import { cursorTag } from './cursor-tag.ts';
import type { Endpoint, Visit } from './endpoint.ts';
import { type Begun, type RecoveryOptions, recover } from './recovery.ts';
import { type RecoveryRequest, recoveryRequestOf } from './recovery-request.ts';
import type { Registry } from './registry.ts';
import { Session, type SessionParts } from './session.ts';
import { Subscriptions } from './subscriptions.ts';
import { type TopicLimit, topicLimitOf } from './topic-limit.ts';
import { inboxView, tasksView, type View } from './view.ts';

export interface SessionEndpointParts extends SessionParts {
  authenticator: Pick<Authenticator, 'identify'>;
  registry: Registry;
  context: CommandContext;
  recovery: RecoveryOptions;
  catchUps: CatchUps;
  actions: ActionLimits;
}

/** The inbox with the user's tasks, and the tasks alone. */
export const sessionEndpoints = (parts: SessionEndpointParts): Endpoint[] => [
  new SessionEndpoint(['/ws', '/ws/notifications'], inboxView, parts),
  new SessionEndpoint(['/ws/tasks'], tasksView, parts),
];

/** Serves each identified user a session: the records that were missed, then live ones, and actions. */
class SessionEndpoint implements Endpoint {
  readonly #paths: readonly string[];
  readonly #view: View;
  readonly #parts: SessionEndpointParts;

  constructor(paths: readonly string[], view: View, parts: SessionEndpointParts) {
    this.#paths = paths;
    this.#view = view;
    this.#parts = parts;
  }

  match(path: string): boolean {
    return this.#paths.includes(path);
  }

  async authorize(): Promise<null> {
    return null;
  }

  open(connection: Connection, identity: Identity, { info, query }: Visit): ActionHandler {
    const { context, registry, authenticator, hub, counters } = this.#parts;
    const session = new Session(newId('s', info.at), identity, { connection, info, view: this.#view }, this.#parts);
    registry.add(session);
    counters.opened[connection.traits.transport]++;
    const subscriptions = new Subscriptions(session, { store: context.store, hub }, this.#parts.recovery);
    const handler = new ActionHandler({
      ...{ session, subscriptions, context, counters, registry, limits: this.#parts.actions },
      identify: (token) => authenticator.identify(token, context.clock.now()),
      closed: (code, reason) => this.#ended(session, code, reason),
    });
    const request = recoveryRequestOf(query, cursorTag(identity.id));
    this.#bringUpToDate(session, handler, request).catch((error: Error) => {
      context.telemetry.emit({ type: 'failure', where: 'resume', error });
      session.close(CloseCode.overloaded, 'the server cannot read its database now; try again later');
    });
    return handler;
  }

  async #bringUpToDate(session: Session, handler: ActionHandler, request: RecoveryRequest): Promise<void> {
    const { context, hub, counters, recovery, catchUps } = this.#parts;
    const { named } = request;
    const admittedAt = performance.now();
    let isVouched = false;
    const fitting = named.slice(0, this.#roomOf(session, session.view.topics(session.identity)));
    const greet = (begun: Begun): void => {
      isVouched = begun.cursor !== null;
      this.#greet(session, begun);
    };
    const sources = { store: context.store, hub };
    await catchUps.run(session, () => recover(session, { ...request, named: fitting }, sources, recovery, greet));
    if (session.isOpen) counters.catchUpDurations.observe(performance.now() - admittedAt);
    // Without a cursor that vouches for them, topics that were named begin with what there is.
    const begun = isVouched ? request.added : [...new Set([...named, ...request.added])];
    const followed = begun.slice(0, this.#roomOf(session, session.feed.topics));
    // At admission they were taken for topics that the cursor vouches for.
    if (!isVouched && (request.cursor || request.hasBadCursor))
      context.limits.workDone(session.identity.id, named.length);
    const subscribed = followed.map((topic) => this.#subscribe(handler, topic));
    const left = (isVouched ? named.length - fitting.length : 0) + begun.length - followed.length;
    if (left > 0) {
      const { by } = topicLimitOf(session, this.#parts.registry);
      counters.refused[by]++;
      const count = new Set([...named, ...request.added]).size;
      session.output.sendError(tooManyNamed(session, by, count, left));
    }
    handler.begin();
    await Promise.all(subscribed);
    // Its cursor vouches for what was subscribed to.
    if (subscribed.length > 0) session.ping(context.clock.now());
    await session.output.drained();
    session.checkpoint({ isLive: true, hasNews: !isVouched || begun.length > 0 });
  }

  /** The number of topics that a session may follow besides these. */
  #roomOf(session: Session, topics: readonly string[]): number {
    return Math.max(0, topicLimitOf(session, this.#parts.registry).most - topics.length);
  }

  /** Resolves when the topic is subscribed to, or could not be. */
  #subscribe(handler: ActionHandler, topic: string): Promise<void> {
    const answer = { type: 'subscribed', task_id: topic.slice('task:'.length) };
    return new Promise((settled) => {
      handler.subscribe(topic, answer, { done: settled, failed: settled, ref: undefined });
    });
  }

  #greet(session: Session, { cursor, ...begun }: Begun): void {
    const { id, username, roles } = session.identity;
    const { clock, telemetry } = this.#parts.context;
    const greeting = {
      ...{ type: 'connection_established', user_id: id, username, session_id: session.id, roles },
      ...{ ...begun, server_time: new Date(clock.now()).toISOString() },
    };
    session.send(cursor ? greeting : { ...greeting, cursor }, cursor);
    const { recovered } = begun;
    telemetry.emit({ type: 'session_opened', session: session.id, user: id, path: session.info.path, recovered });
  }

  #ended(session: Session, code: number, reason: string): void {
    const { registry, context } = this.#parts;
    registry.noteDelivered(session);
    session.leave();
    session.awaitCursor();
    registry.remove(session);
    if (session.transport === 'long_poll' && code === CloseCode.normal) registry.noteAnswered(session);
    context.telemetry.emit({ type: 'session_closed', session: session.id, user: session.identity.id, code, reason });
  }
}

/** Says that not all tasks of the address are followed. */
const tooManyNamed = ({ limits }: Session, by: TopicLimit['by'], named: number, left: number): TidingsError =>
  new TidingsError(
    'too_many',
    by === 'maxTopics'
      ? `the address names ${named} tasks, and a connection may follow ${limits.topics} topics with the user's own; the last ${left} are not followed`
      : `the address names ${named} tasks, and a user may follow ${limits.topicsPerUser} topics on all connections together; the last ${left} are not followed`,
  );
