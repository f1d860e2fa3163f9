import { TidingsError } from '@tidings/protocol';
import { type Claims, type Identity, sameRoles } from '../domain/identity.ts';
import type { Clock } from '../domain/ports.ts';
import type { CommitStore } from '../domain/store/commits.ts';
import type { UserStore } from '../domain/store/users.ts';
import { everyone, rightsTopic, roleTopic, userPrefix } from '../domain/topics.ts';
import type { BindWrite, Outcome, RightsWrite } from '../domain/writes.ts';
import type { Hub, Subscriber } from '../fanout/hub.ts';
import type { SharedFrame } from '../fanout/shared-frame.ts';

/** The most users that are remembered; others are read from the database. */
const remembered = 100_000;

export interface RoleDirectoryOptions {
  store: CommitStore & UserStore;
  hub: Pick<Hub, 'join' | 'position'>;
  clock: Clock;
  /** Age up to which a user is shown a role's notifications from before the user was known to have it, ms. */
  lookback: number;
}

/** A user as stored, as of a rev. */
interface Known {
  username: string | null;
  roles: readonly string[] | null;
  /** When the newest evidence was issued, epoch milliseconds. */
  at: number;
  rev: number;
}

/**
 * The roles and names of users, as the newest evidence says, whichever token, session or back end brought it, on whatever node. What is
 * stored is remembered here, until another node's change of it is delivered.
 */
export class RoleDirectory implements Subscriber {
  lastRev = 0;
  readonly #options: RoleDirectoryOptions;
  readonly #known = new Map<string, Known>();
  /** The user of each name: one that went to another is bound anew when its user comes again. */
  readonly #holders = new Map<string, string>();
  /** Users who are being read or written, and the newest rev of a change of theirs that was delivered meanwhile. */
  readonly #underWay = new Map<string, { count: number; newest: number }>();

  constructor(options: RoleDirectoryOptions) {
    this.#options = options;
    options.hub.join(rightsTopic, this);
  }

  /** Stores what was said of a person, where it is new. @returns the person with the roles that hold */
  async accept(claims: Claims): Promise<Identity> {
    const known = this.#known.get(claims.id) ?? (await this.#load(claims.id));
    const named = { ...claims, username: claims.username ?? known.username ?? claims.id };
    if (claims.isEvidence && (known.username !== named.username || isNews(claims, known))) {
      const roles = await this.#rolesStored(named, known);
      return { ...named, roles };
    }
    // Evidence that changes nothing is stored too, so that older evidence cannot override it.
    if (claims.roles !== null) known.at = Math.max(known.at, claims.issuedAt);
    return { ...named, roles: known.roles ?? [] };
  }

  /**
   * The back end's own word: the newest there is, even where the clock of who issued the tokens is ahead. What is newest is read from the
   * store, since another node may have noted a token that changed nothing; and again, where one was noted meanwhile.
   */
  async set(userId: string, roles: readonly string[]): Promise<void> {
    const { clock, store } = this.#options;
    let newest = (await store.user(userId))?.rolesAt ?? 0;
    let issuedAt: number;
    do {
      issuedAt = Math.max(clock.now(), newest + 1);
      await store.commit([this.#write(userId, roles, issuedAt)]);
      newest = (await store.user(userId))?.rolesAt ?? 0;
    } while (newest > issuedAt);
    // The next who asks reads what was stored.
    this.#forget(userId);
  }

  deliver({ change: { rev, topics } }: SharedFrame): void {
    this.lastRev = rev;
    for (const topic of topics) {
      if (!topic.startsWith(userPrefix)) continue;
      const userId = topic.slice(userPrefix.length);
      if ((this.#known.get(userId)?.rev ?? rev) < rev) this.#forget(userId);
      const underWay = this.#underWay.get(userId);
      if (underWay) underWay.newest = rev;
    }
  }

  historyChanged(): void {
    this.lastRev = 0;
    this.#known.clear();
    this.#holders.clear();
    for (const underWay of this.#underWay.values()) underWay.newest = Number.POSITIVE_INFINITY;
  }

  #load(userId: string): Promise<Known> {
    const rev = this.#options.hub.position.rev;
    return this.#remembering(userId, async () => {
      const user = await this.#options.store.user(userId);
      return { username: user?.username ?? null, roles: user?.roles ?? null, at: user?.rolesAt ?? 0, rev };
    });
  }

  /** Stores what was said. @returns the roles that hold then; on a full disk those that held before, until it can be stored */
  async #rolesStored(claims: Claims & { username: string }, known: Known): Promise<readonly string[]> {
    try {
      return (await this.#store(claims, known)).roles ?? [];
    } catch (error) {
      if (error instanceof TidingsError && error.code === 'storage_full') return known.roles ?? [];
      throw error;
    }
  }

  async #store(claims: Claims & { username: string }, known: Known): Promise<Known> {
    const { id, username } = claims;
    const bind: BindWrite[] = known.username === username ? [] : [{ op: 'bind', userId: id, username }];
    if (!isNews(claims, known)) {
      return this.#remembering(id, async () => {
        await this.#commit(bind);
        return { ...known, username };
      });
    }
    const roles = claims.roles ?? [];
    const rights = this.#write(id, roles, evidenceTime(claims, known));
    const stored = await this.#remembering(id, async () => {
      const outcomes = await this.#commit([...bind, rights]);
      const outcome = outcomes.at(-1);
      // Unchanged: these were the roles already, or something newer was said on another node.
      return outcome?.status === 'stored' ? { username, roles, at: rights.issuedAt, rev: outcome.rev } : null;
    });
    return stored ?? this.#load(id);
  }

  /** Commits what is said of a user. A name for which much waits is bound in parts, between which others' writes are stored. */
  async #commit(writes: readonly (BindWrite | RightsWrite)[]): Promise<readonly Outcome[]> {
    const outcomes = await this.#options.store.commit(writes);
    const binds = writes.filter(({ op }) => op === 'bind');
    for (let [last] = outcomes; last && 'next' in last && last.next !== undefined; ) {
      [last] = await this.#options.store.commit(binds);
    }
    return outcomes;
  }

  #write(userId: string, roles: readonly string[], issuedAt: number): RightsWrite {
    const at = this.#options.clock.now();
    const topics = [everyone, ...roles.map(roleTopic)];
    return { op: 'rights', userId, roles, topics, issuedAt, visibleFrom: at - this.#options.lookback, at };
  }

  /** Remembers what is found of a user, unless something newer was delivered meanwhile. */
  async #remembering<K extends Known | null>(userId: string, find: () => Promise<K>): Promise<K> {
    const underWay = this.#underWay.get(userId) ?? { count: 0, newest: 0 };
    underWay.count++;
    this.#underWay.set(userId, underWay);
    try {
      const found = await find();
      if (found === null) this.#forget(userId);
      else if (underWay.newest <= found.rev) this.#remember(userId, found);
      return found;
    } finally {
      if (--underWay.count === 0) this.#underWay.delete(userId);
    }
  }

  #remember(userId: string, known: Known): void {
    const { username } = known;
    if ((this.#known.get(userId)?.rev ?? 0) > known.rev) return;
    this.#forget(userId);
    const holder = username === null ? undefined : this.#holders.get(username);
    const isHeld = holder !== undefined && username === userId;
    if (holder !== undefined && !isHeld) this.#forget(holder);
    if (this.#known.size >= remembered) this.#forget(this.#known.keys().next().value as string);
    this.#known.set(userId, known);
    if (username !== null && !isHeld) this.#holders.set(username, userId);
  }

  #forget(userId: string): void {
    const name = this.#known.get(userId)?.username;
    this.#known.delete(userId);
    if (name !== null && name !== undefined && this.#holders.get(name) === userId) this.#holders.delete(name);
  }
}

/**
 * True if what is said of a person's roles is to be stored: it is the first there is, or newer than what is known and other.
 * A token that says the same later is noted too, so that after a restart an older one cannot say otherwise; an
 * application's session, which speaks anew at each request, is not.
 */
function isNews({ roles, issuedAt, tokenId }: Claims, known: Known): boolean {
  if (known.roles === null) return true;
  if (roles === null || issuedAt < known.at) return false;
  return !sameRoles(roles, known.roles) || (issuedAt > known.at && tokenId !== null);
}

/**
 * The time at which new evidence is stored, epoch milliseconds. Of two statements of one time the one that came later holds: it is
 * stored a millisecond later, so that the former changes nothing when it comes again. One without roles is of time 0, so that any
 * statement of roles is newer.
 */
function evidenceTime({ roles, issuedAt }: Claims, known: Known): number {
  if (roles === null) return 0;
  return known.roles !== null && issuedAt === known.at ? issuedAt + 1 : issuedAt;
}
