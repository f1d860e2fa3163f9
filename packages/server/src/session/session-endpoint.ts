import { CloseCode, TidingsError } from '@tidings/protocol';
import type { CommandContext } from '../commands/context.ts';
import { notFound } from '../commands/refuse.ts';
import { markMentionsRead } from '../commands/room-mentions.ts';
import type { Identity } from '../domain/identity.ts';
import { newId } from '../domain/ids.ts';
import { isRoomTopic, parseRoom, type Room, roomName, roomOfTopic, roomTopic } from '../domain/rooms.ts';
import { taskOfTopic } from '../domain/topics.ts';
import type { Hub } from '../fanout/hub.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import { ActionHandler, type ActionLimits } from './action-handler.ts';
import type { CatchUps } from './catch-ups.ts';
import type { Connection } from './connection.ts';
import { cursorTag } from './cursor-tag.ts';
import type { Endpoint, Visit } from './endpoint.ts';
import { greetingOf } from './greeting.ts';
import { type Begun, type RecoveryOptions, recover } from './recovery.ts';
import { type RecoveryRequest, recoveryRequestOf } from './recovery-request.ts';
import type { Registry } from './registry.ts';
import { roomOfPath } from './room-path.ts';
import { Session, type SessionParts } from './session.ts';
import { Subscriptions } from './subscriptions.ts';
import { type TopicLimit, topicLimitOf } from './topic-limit.ts';
import { inboxView, roomView, tasksView, type View } from './view.ts';

export interface SessionEndpointParts extends SessionParts {
  hub: Hub;
  authenticator: Pick<Authenticator, 'identify'>;
  registry: Registry;
  context: CommandContext;
  recovery: RecoveryOptions;
  catchUps: CatchUps;
  actions: ActionLimits;
}

/** The view that is shown on a path; null if it is no path of the endpoint. */
type ViewOf = (path: string) => View | null;

const viewOn =
  (paths: readonly string[], view: View): ViewOf =>
  (path) =>
    paths.includes(path) ? view : null;

const viewOfRoom: ViewOf = (path) => {
  const room = roomOfPath(path);
  return room && roomView(roomTopic(roomName(room)));
};

/** The inbox with the user's tasks, the tasks alone, and each room. */
export const sessionEndpoints = (parts: SessionEndpointParts) => ({
  inbox: new SessionEndpoint(viewOn(['/ws', '/ws/notifications'], inboxView), parts),
  tasks: new SessionEndpoint(viewOn(['/ws/tasks'], tasksView), parts),
  rooms: new SessionEndpoint(viewOfRoom, parts),
});

/** Serves each identified user a session: the records that were missed, then live ones, and actions. */
class SessionEndpoint implements Endpoint {
  readonly #viewOf: ViewOf;
  readonly #parts: SessionEndpointParts;

  constructor(viewOf: ViewOf, parts: SessionEndpointParts) {
    this.#viewOf = viewOf;
    this.#parts = parts;
  }

  match(path: string): boolean {
    return this.#viewOf(path) !== null;
  }

  async authorize(identity: Identity, { path }: Visit): Promise<TidingsError | null> {
    const topic = this.#viewOf(path)?.room ?? null;
    if (topic === null) return null;
    const name = roomOfTopic(topic);
    const right = await this.#parts.rooms.rights.rightOf(identity, 'read', parseRoom(name) as Room);
    return right === null ? new TidingsError('forbidden', notFound('room', name).message) : null;
  }

  open(connection: Connection, identity: Identity, { info, query, path }: Visit): ActionHandler {
    const { context, registry, authenticator, hub, counters } = this.#parts;
    const view = this.#viewOf(path) as View;
    const session = new Session(newId('s', info.at), identity, { connection, info, view }, this.#parts);
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
    const { named, isPresent } = request;
    for (const [topic, after] of request.logs) session.logs.follow(topic, after);
    const admittedAt = performance.now();
    let isVouched = false;
    const { view, rooms, identity } = session;
    if (view.room !== null) await rooms.enterAll([view.room], isPresent);
    if (!session.isOpen) return;
    const within = named.slice(0, this.#spaceFor(session, view.topics(identity)));
    // Others are subscribed to later, which looks up the right.
    const fitting = request.cursor ? await rooms.enterAll(within, isPresent) : within;
    const greet = (begun: Begun): void => {
      isVouched = begun.cursor !== null;
      session.isResumed = isVouched;
      this.#greet(session, begun);
    };
    const sources = { store: context.store, hub };
    await catchUps.run(session, () => recover(session, { ...request, named: fitting }, sources, recovery, greet));
    if (session.isOpen) counters.catchUpDurations.observe(performance.now() - admittedAt);
    if (session.isOpen && view.room !== null && !isVouched && isPresent(view.room))
      void markMentionsRead(context, session.identity, view.room);
    // Without a cursor that vouches for them, topics that were named begin with what there is.
    const begun = isVouched ? request.added : [...new Set([...named, ...request.added])];
    const followed = begun.slice(0, this.#spaceFor(session, session.feed.topics));
    // At admission they were taken for topics that the cursor vouches for.
    if (!isVouched && (request.cursor || request.hasBadCursor))
      context.limits.workDone(session.identity.id, named.length);
    const subscribed = followed.map((topic) => this.#subscribe(session, handler, topic, isPresent(topic)));
    const left = (isVouched ? named.length - within.length : 0) + begun.length - followed.length;
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
    // A poll is answered by what there is of the logs too: the next one may again have other news.
    await session.logs.begun();
    await session.output.drained();
    session.checkpoint({ isLive: true, hasNews: !isVouched || begun.length > 0 });
  }

  /** The number of topics that a session may follow besides these. */
  #spaceFor(session: Session, topics: readonly string[]): number {
    return Math.max(0, topicLimitOf(session, this.#parts.registry).most - topics.length);
  }

  /** Resolves when the topic is subscribed to, or could not be. */
  #subscribe(session: Session, handler: ActionHandler, topic: string, isPresent: boolean): Promise<void> {
    return new Promise((settled) => {
      const failed = (error: unknown) => {
        if (isRoomTopic(topic)) session.rooms.refuse(topic, error);
        else handler.fail(error, undefined);
        settled();
      };
      const answer = { type: 'subscribed', ...nameOf(topic) };
      handler.subscribe(topic, answer, { done: settled, failed, ref: undefined, isPresent, logAfter: null });
    });
  }

  #greet(session: Session, { cursor, ...begun }: Begun): void {
    const { clock, telemetry } = this.#parts.context;
    const greeting = greetingOf(session, begun, clock.now());
    session.send(cursor ? greeting : { ...greeting, cursor }, cursor);
    const { id, identity, info } = session;
    telemetry.emit({
      type: 'session_opened',
      session: id,
      user: identity.id,
      path: info.path,
      recovered: begun.recovered,
    });
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

/** The task or room of a topic, as frames name it. */
const nameOf = (topic: string): { task_id: string } | { room: string } =>
  isRoomTopic(topic) ? { room: roomOfTopic(topic) } : { task_id: taskOfTopic(topic) };

/** Says that not all tasks of the address are followed. */
const tooManyNamed = ({ limits }: Session, by: TopicLimit['by'], named: number, left: number): TidingsError =>
  new TidingsError(
    'too_many',
    by === 'maxTopics'
      ? `the address names ${named} tasks and rooms, and a connection may follow ${limits.topics} topics with the user's own; the last ${left} are not followed`
      : `the address names ${named} tasks and rooms, and a user may follow ${limits.topicsPerUser} topics on all connections together; the last ${left} are not followed`,
  );
