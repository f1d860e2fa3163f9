import { CloseCode } from '@tidings/protocol';
import type { Claims, Identity, RevocationTarget } from '../domain/identity.ts';
import type { Clock } from '../domain/ports.ts';
import type { Revocation, RevocationStore } from '../domain/store/revocations.ts';
import type { UserStore } from '../domain/store/users.ts';

/** A session of this process, as revocations need it. */
export interface OpenSession {
  readonly identity: Identity;
  readonly isOpen: boolean;
  /** With the time at which its connection was requested, epoch milliseconds. */
  readonly info: { at: number };
  /** Ends it with a WebSocket close code. */
  close(code: number, reason: string): void;
}

/** The sessions of this process. */
interface OpenSessions {
  all(): Iterable<OpenSession>;
  ofUser(userId: string): readonly OpenSession[];
  find(sessionId: string): OpenSession | undefined;
}

export interface RevocationParts {
  store: RevocationStore & UserStore;
  sessions: OpenSessions;
  clock: Clock;
}

/**
 * Refuses tokens and ends sessions. A revocation on one node is stored; the others read and apply it within a second.
 */
export class Revocations {
  readonly #parts: RevocationParts;
  /** Users whose tokens from before a time are refused. */
  readonly #users = new Map<string, Revocation>();
  readonly #tokens = new Map<string, Revocation>();
  /** Revocations that were applied here at once, and have not been read back yet. */
  readonly #done = new Set<string>();
  /** The place up to which revocations of other nodes were read. */
  #after = 0;

  constructor(parts: RevocationParts) {
    this.#parts = parts;
  }

  /** The reason why a user is refused, as a text for the user; null if the user may connect. */
  refusal({ id, issuedAt, isDated, tokenId }: Claims): string | null {
    const token = tokenId === null ? undefined : this.#tokens.get(tokenId);
    if (token) return `this token was revoked${because(token)}; sign in again for a new one`;
    const user = this.#users.get(id);
    if (!user || (isDated && issuedAt >= user.at)) return null;
    const before = `the tokens of this user from before ${new Date(user.at).toISOString()} were revoked${because(user)}`;
    return isDated ? `${before}; sign in again for a new one` : `${before}; this one does not tell its age (claim iat)`;
  }

  /** Applies the revocations of other nodes since the last call. */
  async poll(): Promise<void> {
    const { items, upTo } = await this.#parts.store.revocations(this.#after);
    const failures: unknown[] = [];
    for (const revocation of items) {
      if (this.#done.delete(nameOf(revocation))) continue;
      await this.#applyFromElsewhere(revocation).catch((error: unknown) => failures.push(error));
    }
    // Otherwise all of them are read again: to apply one twice changes nothing.
    if (failures.length > 0) throw failures[0];
    this.#after = Math.max(this.#after, upTo);
  }

  disconnect(userId: string, sessionId: string | null, reason: string): Promise<number> {
    if (sessionId === null) return this.#say({ kind: 'disconnect_user', value: userId, reason });
    const session = this.#parts.sessions.find(sessionId);
    // A session of another user on this node: other nodes have nothing to close.
    if (session && session.identity.id !== userId) return Promise.resolve(0);
    return this.#say({ kind: 'disconnect_session', value: JSON.stringify([userId, sessionId]), reason });
  }

  async revoke(target: RevocationTarget, reason: string): Promise<number> {
    if (target.kind === 'user') return this.#revokeUser(target.value, reason);
    const session = target.kind === 'session' ? this.#parts.sessions.find(target.value) : undefined;
    if (!session) return this.#say({ ...target, reason });
    return this.#revokeTokenOf(session, reason);
  }

  /**
   * A token's age is by its issuer's clock, which may be ahead of this one. So the time up to which tokens are refused is past the
   * newest token of this user that any node has seen.
   */
  async #revokeUser(userId: string, reason: string): Promise<number> {
    const seen = (await this.#parts.store.user(userId))?.rolesAt ?? 0;
    return this.#say({ kind: 'user', value: userId, reason }, Math.max(this.#parts.clock.now(), seen + 1));
  }

  /** A session without a token only ends: the application's own session cannot be revoked here. */
  async #revokeTokenOf(session: OpenSession, reason: string): Promise<number> {
    const { tokenId } = session.identity;
    // Before the session ends: if this fails and is tried again, the token is found by the session.
    const revocation = tokenId === null ? null : await this.#store({ kind: 'token', value: tokenId, reason });
    const isOpen = session.isOpen ? 1 : 0;
    session.close(CloseCode.unauthenticated, `the session was revoked${because({ reason })}`);
    return isOpen + (revocation === null ? 0 : this.#apply(revocation));
  }

  /** Stores a revocation and applies it here. @returns the number of sessions that ended here */
  async #say(said: Omit<Revocation, 'at'>, at?: number): Promise<number> {
    return this.#apply(await this.#store(said, at));
  }

  async #store(said: Omit<Revocation, 'at'>, at = this.#parts.clock.now()): Promise<Revocation> {
    const revocation = { ...said, at };
    this.#done.add(nameOf(revocation));
    try {
      await this.#parts.store.revoke(revocation);
    } catch (error) {
      this.#done.delete(nameOf(revocation));
      throw error;
    }
    return revocation;
  }

  async #applyFromElsewhere(revocation: Revocation): Promise<void> {
    const session = revocation.kind === 'session' ? this.#parts.sessions.find(revocation.value) : undefined;
    if (session) await this.#revokeTokenOf(session, revocation.reason);
    else this.#apply(revocation);
  }

  #apply(revocation: Revocation): number {
    const { kind, value, reason, at } = revocation;
    const { sessions } = this.#parts;
    switch (kind) {
      case 'user':
        if ((this.#users.get(value)?.at ?? 0) < at) this.#users.set(value, revocation);
        return this.#closeRefused(sessions.ofUser(value));
      case 'token':
        this.#tokens.set(value, revocation);
        return this.#closeRefused(sessions.all());
      case 'session':
        return 0;
      case 'disconnect_user':
        return sendAway(
          sessions.ofUser(value).filter((session) => session.info.at <= at),
          reason,
        );
      case 'disconnect_session': {
        const [userId, sessionId] = JSON.parse(value) as [string, string];
        const session = sessions.find(sessionId);
        return session?.identity.id === userId ? sendAway([session], reason) : 0;
      }
    }
  }

  #closeRefused(sessions: Iterable<OpenSession>): number {
    let closed = 0;
    for (const session of sessions) {
      const reason = this.refusal(session.identity);
      if (reason === null || !session.isOpen) continue;
      session.close(CloseCode.unauthenticated, reason);
      closed++;
    }
    return closed;
  }
}

const because = ({ reason }: Pick<Revocation, 'reason'>): string => (reason === '' ? '' : ` (${reason})`);

const nameOf = ({ kind, value, at }: Revocation): string => `${kind} ${at} ${value}`;

function sendAway(sessions: readonly OpenSession[], reason: string): number {
  const open = sessions.filter((session) => session.isOpen);
  for (const session of open) session.close(CloseCode.forbidden, reason);
  return open.length;
}
