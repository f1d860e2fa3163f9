/** A session in a room, as every node knows it. */
export interface PresentSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly username: string;
  /** JSON of an object. */
  readonly state: string;
  /** When it said that state, epoch milliseconds; 0 if it has said none. Of one session on several nodes the newest counts. */
  readonly saidAt: number;
  /** When its connection ended, epoch milliseconds; null while it is there. */
  readonly goneAt: number | null;
}

/** Names a session in a room. Its connections, one after another, may be of several nodes. */
export type SessionKey = Pick<PresentSession, 'userId' | 'sessionId'>;

/** The sessions in a room, of all nodes, by user. */
export class PresentUsers {
  /** By user, then by node and session. */
  readonly #users = new Map<string, Map<string, PresentSession>>();
  /** Those that went while another of their user was there: none comes in their place. */
  readonly #over = new WeakSet<PresentSession>();

  get users(): Iterable<string> {
    return this.#users.keys();
  }

  get size(): number {
    return this.#users.size;
  }

  set(node: string, session: PresentSession): void {
    const { userId } = session;
    const sessions = this.#users.get(userId);
    if (session.goneAt !== null && sessions) {
      const isAnyThere = [...sessions.values()].some((o) => o.goneAt === null && o.sessionId !== session.sessionId);
      if (isAnyThere) this.#over.add(session);
    }
    if (sessions) sessions.set(keyOf(node, session), session);
    else this.#users.set(userId, new Map([[keyOf(node, session), session]]));
  }

  delete(node: string, session: SessionKey): void {
    const sessions = this.#users.get(session.userId);
    if (sessions?.delete(keyOf(node, session)) && sessions.size === 0) this.#users.delete(session.userId);
  }

  /** A session as it last said its state, on whatever node. */
  find({ userId, sessionId }: SessionKey): PresentSession | undefined {
    const all = [...(this.#users.get(userId)?.values() ?? [])].filter((one) => one.sessionId === sessionId);
    return all.reduce<PresentSession | undefined>((a, b) => (a && a.saidAt >= b.saidAt ? a : b), undefined);
  }

  /**
   * A user as JSON, `{username, sessions}`; null if none of the user's sessions is there. The session that went last is shown while no other is
   * there, since its user may be about to come back, and in place of those that came since and have said no state yet, if it had one: a cursor
   * does not blink.
   */
  textOf(userId: string): string | null {
    const all = eachOnce([...(this.#users.get(userId)?.values() ?? [])]);
    const there = all.filter(({ goneAt }) => goneAt === null);
    const gone = all.filter(({ goneAt }) => goneAt !== null).sort(byEnd);
    const last =
      there.length === 0 ? gone.at(-1) : gone.findLast((one) => one.state !== noState && !this.#over.has(one));
    const shown = last && there.every(({ state }) => state === noState) ? [last] : there;
    const named = shown.at(-1);
    if (!named) return null;
    const states = new Map(shown.map(({ sessionId, state }) => [sessionId, state]));
    const sessions = [...states].sort(([a], [b]) => (a < b ? -1 : 1));
    return `{"username":${JSON.stringify(named.username)},"sessions":{${sessions.map(member).join()}}}`;
  }
}

/** The state of a session that has said none. */
export const noState = '{}';

const keyOf = (node: string, { sessionId }: Pick<PresentSession, 'sessionId'>): string => `${node} ${sessionId}`;

/** Sessions, those that are on several nodes once: there if one of them is, and as the newest says. */
function eachOnce(all: PresentSession[]): PresentSession[] {
  const byId = Map.groupBy(all, ({ sessionId }) => sessionId);
  if (byId.size === all.length) return all;
  return [...byId.values()].map((same) => {
    const [newest] = same.sort((a, b) => b.saidAt - a.saidAt) as [PresentSession];
    const there = newest.goneAt === null ? newest : same.find(({ goneAt }) => goneAt === null);
    return !there || there === newest ? newest : { ...there, state: newest.state, saidAt: newest.saidAt };
  });
}

const byEnd = (a: PresentSession, b: PresentSession): number =>
  (a.goneAt ?? 0) - (b.goneAt ?? 0) || (a.sessionId < b.sessionId ? -1 : 1);

const member = ([name, text]: [string, string]): string => `${JSON.stringify(name)}:${text}`;
