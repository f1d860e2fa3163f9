import type { IncomingMessage } from 'node:http';
import { CloseCode, type ErrorCode, parseCursor, TidingsError } from '@tidings/protocol';
import { parseAction } from '@tidings/protocol/schemas';
import type { CommandContext } from '../commands/context.ts';
import type { Identity } from '../domain/identity.ts';
import { newId } from '../domain/ids.ts';
import { inboxTopics, userTopic } from '../domain/topics.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import type { Origins } from '../identity/origins.ts';
import type { Refusals } from '../identity/refusals.ts';
import { queryOf } from '../identity/token-carriers.ts';
import type { TrustedProxies } from '../identity/trusted-proxies.ts';
import { type ActionLimits, ClientLink } from './client-link.ts';
import type { Arrival, Connection, ConnectionEvents } from './connection.ts';
import { cursorTag } from './cursor-tag.ts';
import { Following } from './follow.ts';
import { largestFrame, maxFrameOf } from './max-frame.ts';
import type { Registry } from './registry.ts';
import { type Entry, type ResumeOptions, resume } from './resume.ts';
import { Session, type SessionParts } from './session.ts';

/** The answer to a request for a socket: it is refused before the upgrade, or taken and closed with a reason, or taken. */
export type Admission =
  | { kind: 'refused'; error: TidingsError }
  | { kind: 'closed'; code: number; reason: string }
  | { kind: 'open'; begin: (connection: Connection) => ConnectionEvents };

export interface GateParts extends SessionParts {
  authenticator: Authenticator;
  origins: Origins;
  registry: Registry;
  refusals: Refusals;
  proxies: TrustedProxies;
  context: CommandContext;
  resume: ResumeOptions;
  actions: ActionLimits;
  /** How long `?auth=frame` may take, ms. */
  authenticateWithin: number;
}

/** The paths of sockets, and what one hears there from the start. */
const paths: Record<string, (user: Identity) => string[]> = {
  '/ws': inboxTopics,
  '/ws/notifications': inboxTopics,
  '/ws/tasks': (user) => [userTopic(user.id)],
};

const namedTopic = /^task:.{1,256}$/s;

/** Lets people in: knows where they may come from, who they are, and what they asked for. */
export class Gate {
  readonly #parts: GateParts;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** Whether a path is one of ours. */
  handles(path: string): boolean {
    return Object.hasOwn(paths, trimmed(path));
  }

  /** A refusal may be held back for a while. */
  async admit(request: IncomingMessage, path: string): Promise<Admission> {
    const { authenticator, origins, context, proxies } = this.#parts;
    const now = context.clock.now();
    const userAgent = request.headers['user-agent']?.slice(0, 256) ?? '';
    const arrival: Arrival = {
      path,
      address: proxies.placeOf(request).address,
      userAgent,
      at: now,
      maxFrame: largestFrame,
    };
    const message = origins.refusal(request);
    if (message !== null) return this.#refused(new TidingsError('origin_not_allowed', message), arrival);
    const query = queryOf(request);
    const maxFrame = maxFrameOf(query);
    if (maxFrame instanceof TidingsError) return this.#turnedAway(maxFrame, request, arrival);
    arrival.maxFrame = maxFrame;
    try {
      if (query.get('auth') === 'frame') {
        return await this.#admitIf(null, arrival, (connection) => this.#await(connection, arrival, query));
      }
      const identity = await authenticator.authenticate(request, now);
      return await this.#admitUser(identity, arrival, query);
    } catch (error) {
      return this.#turnedAway(this.#refusalOf(error as Error), request, arrival);
    }
  }

  /**
   * A program is told by HTTP: there are clients that come back at once, for ever, to where they were let in and then closed. Browsers
   * hide what HTTP says.
   */
  #turnedAway(refusal: TidingsError, request: IncomingMessage, arrival: Arrival): Promise<Admission> {
    return request.headers.origin === undefined
      ? this.#refused(refusal, arrival)
      : this.#closed(closeOf(refusal), arrival);
  }

  /** How somebody is turned away who could not be identified. */
  #refusalOf(error: Error): TidingsError {
    if (error instanceof TidingsError && (error.code === 'unauthenticated' || error.retryable)) return error;
    this.#parts.context.telemetry.emit({ type: 'failure', where: 'gate', error });
    return new TidingsError('unavailable', 'the server cannot tell now who is there; try again later');
  }

  async #refused(error: TidingsError, { address }: Arrival): Promise<Admission> {
    await this.#parts.refusals.refuse(error.code, error.message, address);
    return { kind: 'refused', error };
  }

  async #closed(close: { code: number; reason: string }, { address }: Arrival): Promise<Admission> {
    await this.#parts.refusals.refuse(close.code, close.reason, address);
    return { kind: 'closed', ...close };
  }

  #admitUser(identity: Identity, arrival: Arrival, query: URLSearchParams): Promise<Admission> {
    return this.#admitIf(identity.id, arrival, (connection) => this.#begin(connection, identity, arrival, query));
  }

  async #admitIf(
    userId: string | null,
    arrival: Arrival,
    begin: (connection: Connection) => ConnectionEvents,
  ): Promise<Admission> {
    const refusal = this.#parts.registry.refusal(userId, arrival.address);
    return refusal ? this.#closed(refusal, arrival) : { kind: 'open', begin };
  }

  #begin(connection: Connection, identity: Identity, arrival: Arrival, query: URLSearchParams): ClientLink {
    const { context, registry, authenticator, hub } = this.#parts;
    const session = new Session(newId('s', arrival.at), identity, connection, arrival, this.#parts);
    registry.add(session);
    const following = new Following(session, { store: context.store, hub }, this.#parts.resume);
    const link = new ClientLink({
      ...{ session, following, context, limits: this.#parts.actions },
      identify: (token) => authenticator.identify(token, context.clock.now()),
      closed: (code, reason) => this.#ended(session, code, reason),
    });
    // Somebody may have been locked out since they were let in, when this session was not there to be ended.
    const reason = authenticator.refusal(identity);
    if (reason !== null) queueMicrotask(() => session.close(CloseCode.unauthenticated, reason));
    else this.#start(session, link, entryOf(arrival, query, cursorTag(identity.id)));
    return link;
  }

  #start(session: Session, link: ClientLink, entry: Entry): void {
    this.#bringUpToDate(session, link, entry).catch((error: Error) => {
      this.#parts.context.telemetry.emit({ type: 'failure', where: 'resume', error });
      session.close(CloseCode.overloaded, 'the server cannot read its database now; try again later');
    });
  }

  async #bringUpToDate(session: Session, link: ClientLink, entry: Entry): Promise<void> {
    const { context, hub } = this.#parts;
    let vouched = false;
    await resume(session, entry, { store: context.store, hub }, this.#parts.resume, (resumed) => {
      vouched = resumed.cursor !== null;
      this.#greet(session, resumed);
    });
    // Without a cursor that vouches for them, topics that were named begin with what there is.
    for (const topic of vouched ? [] : entry.named) {
      link.follow(topic, { type: 'subscribed', task_id: topic.slice('task:'.length) }, { done() {}, ref: undefined });
    }
    link.begin();
  }

  #greet(session: Session, resumed: { cursor: string | null; recovered: boolean }): void {
    const { id, username, roles } = session.identity;
    const { context } = this.#parts;
    session.send({
      ...{ type: 'connection_established', user_id: id, username, session_id: session.id, roles },
      ...{
        cursor: resumed.cursor,
        recovered: resumed.recovered,
        server_time: new Date(context.clock.now()).toISOString(),
      },
    });
    const { path } = session.arrival;
    context.telemetry.emit({
      type: 'session_opened',
      session: session.id,
      user: id,
      path,
      recovered: resumed.recovered,
    });
  }

  /** Waits for a first frame that says who is there. */
  #await(connection: Connection, arrival: Arrival, query: URLSearchParams): ConnectionEvents {
    const { authenticator, context, authenticateWithin, registry } = this.#parts;
    const leave = registry.arrive(arrival.address);
    let link: ConnectionEvents | null = null;
    let isGone = false;
    const refuse = (reason: string, code: number = CloseCode.unauthenticated) => connection.close(code, reason);
    const timer = setTimeout(() => refuse(`no token came within ${authenticateWithin / 1000} s`), authenticateWithin);
    const take = async (text: string) => {
      const parsed = parseAction(text);
      if (!parsed.ok || parsed.action.action !== 'authenticate')
        throw new TidingsError('unauthenticated', 'the first frame must be {"action":"authenticate","token":...}');
      const identity = await authenticator.identify(parsed.action.token, context.clock.now());
      leave();
      if (isGone) return;
      const admission = await this.#admitUser(identity, arrival, query);
      if (isGone) return;
      if (admission.kind === 'open') link = admission.begin(connection);
      else if (admission.kind === 'closed') connection.close(admission.code, admission.reason);
    };
    let isTaken = false;
    const turnAway = async (error: Error): Promise<void> => {
      const { code, reason } = closeOf(this.#refusalOf(error));
      await this.#closed({ code, reason }, arrival);
      refuse(reason, code);
    };
    return {
      receive(text) {
        if (link) return link.receive(text);
        if (isTaken) return refuse('wait for connection_established before you send more');
        isTaken = true;
        clearTimeout(timer);
        void take(text).catch(turnAway);
      },
      alive: () => link?.alive(),
      drained: () => link?.drained(),
      closed(code, reason) {
        isGone = true;
        clearTimeout(timer);
        leave();
        link?.closed(code, reason);
      },
    };
  }

  #ended(session: Session, code: number, reason: string): void {
    const { registry, context } = this.#parts;
    registry.noteDelivered(session);
    session.leave();
    registry.remove(session);
    context.telemetry.emit({ type: 'session_closed', session: session.id, user: session.identity.id, code, reason });
  }
}

/** The same refusal for who has a socket already. */
const closeOf = ({ code, message }: TidingsError): { code: number; reason: string } => ({
  code: closeCodes[code] ?? CloseCode.overloaded,
  reason: message,
});

const closeCodes: Partial<Record<ErrorCode, number>> = {
  ...{ unauthenticated: CloseCode.unauthenticated, bad_request: CloseCode.badFrames },
};

const trimmed = (path: string): string => (path.length > 1 ? path.replace(/\/$/, '') : path);

/** @param tag of the user's cursors; no other is honoured */
function entryOf(arrival: Arrival, query: URLSearchParams, tag: string): Entry {
  const named = (query.get('topics') ?? '').split(',').filter((topic) => namedTopic.test(topic));
  const text = query.get('cursor');
  const cursor = parseCursor(text);
  return {
    topics: paths[trimmed(arrival.path)] as (user: Identity) => string[],
    named: [...new Set(named)].slice(0, 1_000),
    cursor: cursor?.tag === tag ? cursor : null,
    hasBadCursor: Boolean(text) && cursor?.tag !== tag,
    replay: query.get('replay') !== '0',
  };
}
