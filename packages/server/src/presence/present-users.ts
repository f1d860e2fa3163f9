/** A session in a room, as every node knows it. */
export interface PresentSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly username: string;
  /** JSON of an object. */
  readonly state: string;
  /** When its connection ended, epoch milliseconds; null while it is there. */
  readonly goneAt: number | null;
}

/** Names a session in a room. All polls of a user are one. */
export type SessionKey = Pick<PresentSession, 'userId' | 'sessionId'>;

/** The sessions in a room, of all nodes, by user. */
export class PresentUsers {
  /** By user, then by node and session. */
  readonly #users = new Map<string, Map<string, PresentSession>>();

  get users(): Iterable<string> {
    return this.#users.keys();
  }

  get size(): number {
    return this.#users.size;
  }

  set(node: string, session: PresentSession): void {
    const { userId } = session;
    const sessions = this.#users.get(userId);
    if (sessions) sessions.set(keyOf(node, session), session);
    else this.#users.set(userId, new Map([[keyOf(node, session), session]]));
  }

  delete(node: string, session: SessionKey): void {
    const sessions = this.#users.get(session.userId);
    if (sessions?.delete(keyOf(node, session)) && sessions.size === 0) this.#users.delete(session.userId);
  }

  /**
   * A user as JSON, `{username, sessions}`; null if none of the user's sessions is there. A session that is gone is shown only if no other is
   * there, and it went last: its user may be about to come back.
   */
  textOf(userId: string): string | null {
    const all = [...(this.#users.get(userId)?.values() ?? [])];
    const there = all.filter(({ goneAt }) => goneAt === null);
    const shown = there.length > 0 ? there : all.sort(byEnd).slice(-1);
    const last = shown.at(-1);
    if (!last) return null;
    const states = new Map(shown.map(({ sessionId, state }) => [sessionId, state]));
    const sessions = [...states].sort(([a], [b]) => (a < b ? -1 : 1));
    return `{"username":${JSON.stringify(last.username)},"sessions":{${sessions.map(named).join()}}}`;
  }
}

const keyOf = (node: string, { sessionId }: Pick<PresentSession, 'sessionId'>): string => `${node} ${sessionId}`;

const byEnd = (a: PresentSession, b: PresentSession): number =>
  (a.goneAt ?? 0) - (b.goneAt ?? 0) || (a.sessionId < b.sessionId ? -1 : 1);

const named = ([name, text]: [string, string]): string => `${JSON.stringify(name)}:${text}`;
