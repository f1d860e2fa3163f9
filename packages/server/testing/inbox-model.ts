import type { Mark } from '../src/domain/writes.ts';

/** Recipients of a notification: people by their ids, by names that may not be known yet, or by a topic of many. */
export type ModelRecipient = { users: readonly string[] } | { names: readonly string[] } | { topic: string };

/** A notification to publish. Times are epoch milliseconds. */
export interface ModelPublication {
  to: ModelRecipient;
  title: string;
  category: string;
  silent: boolean;
  collapse: string | null;
  expiresAt: number | null;
  deliverAt: number | null;
}

/** The state of a notification for one user. */
interface Standing {
  /** When it last asked this user for attention: its place in the list. */
  place: number;
  read: boolean;
  archived: boolean;
  snoozedUntil: number | null;
}

export interface ModelNote extends ModelPublication {
  id: string;
  publishedAt: number;
  /** When it last asked everybody for attention; 0 if it never does. */
  asked: number;
  /** When it last changed. */
  changed: number;
  status: 'waiting' | 'out' | 'expired' | 'retracted';
  standings: Map<string, Standing>;
}

interface ModelUser {
  isKnown: boolean;
  /** Null if nothing was said of them. */
  roles: readonly string[] | null;
  /** When they last changed. */
  rolesAt: number;
  /** The shared topics there were ever, with what of them is too old to be seen. */
  memberships: Map<string, { start: number; leftAt: number | null }>;
}

/** A notification as one user sees it. */
export interface ModelItem extends Standing {
  id: string;
  title: string;
  category: string;
  expired: boolean;
}

/**
 * A model of the inboxes of a few people, without regard to how they are stored, counted or sent: every notification with its
 * state for every person. Time is counted in moments, one for each step.
 */
export class InboxModel {
  readonly notes = new Map<string, ModelNote>();
  readonly #users: ReadonlyMap<string, ModelUser>;
  readonly #lookback: number;
  #moment = 0;
  /** The moments that had been reached at a time, noted once a minute. */
  readonly #minutes: { at: number; moment: number }[] = [];

  constructor(users: readonly string[], lookback: number) {
    this.#users = new Map(users.map((id) => [id, { isKnown: false, roles: null, rolesAt: 0, memberships: new Map() }]));
    this.#lookback = lookback;
  }

  get moment(): number {
    return this.#moment;
  }

  /** Something was stored at a time. */
  noted(at: number): void {
    if (at >= (this.#minutes.at(-1)?.at ?? 0) + 60_000) this.#minutes.push({ at, moment: this.#moment });
  }

  // --- what back ends do

  /** @returns the id of the notification that stands for it: its own, or the one that it renews */
  publish(id: string, publication: ModelPublication, now: number): string {
    const note: ModelNote = {
      ...{ ...publication, id, publishedAt: now, asked: 0, changed: 0 },
      ...{ status: publication.deliverAt === null ? 'out' : 'waiting', standings: new Map() },
    };
    this.notes.set(id, note);
    return note.status === 'out' ? this.#letOut(note, now) : id;
  }

  edit(id: string, change: { title?: string; category?: string; expiresAt?: number | null }): void {
    const note = this.#note(id);
    Object.assign(note, change, { changed: ++this.#moment });
    if (note.status === 'expired') note.status = 'out';
  }

  retract(id: string): void {
    Object.assign(this.#note(id), { status: 'retracted', changed: ++this.#moment });
  }

  /** Forgets the retractions. */
  forget(): void {
    for (const [id, { status }] of this.notes) if (status === 'retracted') this.notes.delete(id);
  }

  // --- what becomes known of people

  /** Somebody comes, with what is said of the roles; null for nothing. @returns whether that was news */
  greet(userId: string, roles: readonly string[] | null, now: number): boolean {
    this.#meet(userId);
    const { roles: known } = this.#user(userId);
    const isSame =
      known !== null && (roles === null || JSON.stringify([...roles].sort()) === JSON.stringify([...known].sort()));
    if (!isSame) this.say(userId, roles ?? [], now);
    return !isSame;
  }

  /** Notifications that were sent to a name ask for attention when its user comes for the first time. */
  #meet(userId: string): void {
    const user = this.#user(userId);
    if (user.isKnown) return;
    user.isKnown = true;
    for (const note of [...this.notes.values()].sort((a, b) => a.asked - b.asked)) {
      if (!('names' in note.to) || !note.to.names.includes(userId) || note.status === 'waiting') continue;
      this.#moment++;
      if (note.asked > 0) note.standings.set(userId, this.#anew());
    }
  }

  say(userId: string, roles: readonly string[], now: number): void {
    const user = this.#user(userId);
    Object.assign(user, { roles, rolesAt: this.#moment + 1 });
    const topics = ['everyone', ...roles.map((role) => `role:${role}`)];
    this.#moment++;
    for (const [topic, membership] of user.memberships) if (!topics.includes(topic)) membership.leftAt ??= now;
    for (const topic of topics) {
      const membership = user.memberships.get(topic);
      if (membership?.leftAt === null) continue;
      const wasJustHere = membership && (membership.leftAt as number) >= now - this.#lookback;
      user.memberships.set(topic, { start: wasJustHere ? membership.start : this.#reachedBefore(now), leftAt: null });
    }
  }

  rightsChangedAt = (userId: string): number => this.#user(userId).rolesAt;

  #reachedBefore(now: number): number {
    return this.#minutes.findLast(({ at }) => at <= now - this.#lookback)?.moment ?? 0;
  }

  // --- what people do

  /** @returns how many it changed, and which of the ids are not in the user's inbox */
  mark(userId: string, mark: Exclude<Mark, 'return' | 'seen'>, ids: readonly string[], until: number | null) {
    const missing = ids.filter((id) => !this.#isListed(userId, this.notes.get(id)));
    this.#moment++;
    const named = ids.filter((id) => !missing.includes(id)).map((id) => this.#standing(userId, id));
    return { marked: named.filter((standing) => this.#apply(standing, mark, until)).length, missing };
  }

  #apply(standing: Standing, mark: Exclude<Mark, 'return' | 'seen'>, until: number | null): boolean {
    const before = JSON.stringify(standing);
    if (mark === 'read' || mark === 'unread') standing.read = mark === 'read';
    else if (mark === 'archive') Object.assign(standing, { archived: true, snoozedUntil: null });
    else if (mark === 'unarchive') standing.archived = false;
    else if (mark === 'unsnooze') standing.snoozedUntil = null;
    else Object.assign(standing, { archived: false, snoozedUntil: until });
    return JSON.stringify(standing) !== before;
  }

  /** Everything that had asked for attention by a moment is read, whether it is seen at present or not. */
  readAll(userId: string, upTo: number): void {
    this.#moment++;
    for (const { standings } of this.notes.values()) {
      const standing = standings.get(userId);
      if (standing && standing.place <= upTo) standing.read = true;
    }
  }

  // --- what becomes due

  /** Does what is due, soonest first; what that makes due as well. @returns whether anything asked for attention, or was let out */
  elapse(now: number): boolean {
    let hasAsked = false;
    for (let due = this.#due(now); due.length > 0; due = this.#due(now)) {
      for (const note of due) {
        if (note.status === 'waiting') {
          hasAsked = true;
          this.#letOut({ ...note, publishedAt: now, deliverAt: null, status: 'out' }, now);
        } else Object.assign(note, { status: 'expired', changed: ++this.#moment });
      }
      hasAsked = this.#bringBack(now) || hasAsked;
    }
    return this.#bringBack(now) || hasAsked;
  }

  #due(now: number): ModelNote[] {
    const at = (note: ModelNote) =>
      note.status === 'waiting' ? note.deliverAt : note.status === 'out' ? note.expiresAt : null;
    const due = [...this.notes.values()].filter((note) => (at(note) ?? Number.POSITIVE_INFINITY) <= now);
    return due.sort((a, b) => Number(at(a)) - Number(at(b)) || compare(a.id, b.id));
  }

  #bringBack(now: number): boolean {
    const due = [...this.notes.values()].flatMap((note) =>
      [...note.standings].flatMap(([userId, standing]) =>
        (standing.snoozedUntil ?? now + 1) <= now ? { note, userId, standing } : [],
      ),
    );
    let hasAsked = false;
    const end = (one: (typeof due)[number]) => Number(one.standing.snoozedUntil);
    due.sort((a, b) => end(a) - end(b) || compare(a.note.id, b.note.id));
    for (const { note, userId, standing } of due) {
      standing.snoozedUntil = null;
      if (!this.#isListed(userId, note)) continue;
      hasAsked = true;
      Object.assign(standing, { place: ++this.#moment, read: false });
    }
    return hasAsked;
  }

  // --- what people see

  /** The notifications that one user sees in a view, newest first. */
  list(userId: string, view: 'inbox' | 'archived' | 'snoozed' = 'inbox'): ModelItem[] {
    const items = [...this.notes.values()]
      .filter((note) => this.#isListed(userId, note))
      .map(({ id, title, category, status, standings }): ModelItem => {
        const standing = standings.get(userId) as Standing;
        return { id, title, category, expired: status === 'expired', ...standing };
      });
    const viewOf = ({ archived, snoozedUntil }: ModelItem) =>
      archived ? 'archived' : snoozedUntil !== null ? 'snoozed' : 'inbox';
    return items.filter((item) => viewOf(item) === view).sort((a, b) => b.place - a.place);
  }

  unread(userId: string): ModelItem[] {
    return this.list(userId).filter(({ read, expired }) => !read && !expired);
  }

  counts(userId: string): { unread_count: number; categories: Record<string, number> } {
    const unread = this.unread(userId);
    const categories: Record<string, number> = {};
    for (const { category } of unread) if (category) categories[category] = (categories[category] ?? 0) + 1;
    return { unread_count: unread.length, categories: Object.fromEntries(Object.entries(categories).sort()) };
  }

  /** True if a notification is for somebody at present, silent ones too. */
  isFor(userId: string, note: ModelNote): boolean {
    if ('users' in note.to) return note.to.users.includes(userId);
    if ('names' in note.to) return note.to.names.includes(userId) && this.#user(userId).isKnown;
    const membership = this.#user(userId).memberships.get(note.to.topic);
    return membership?.leftAt === null && (note.asked === 0 || note.asked > membership.start);
  }

  #isListed(userId: string, note: ModelNote | undefined): boolean {
    if (!note || note.asked === 0 || note.status === 'waiting' || note.status === 'retracted') return false;
    return this.isFor(userId, note);
  }

  /** A notification is out, by itself or in the place of an older one, which it renews. @returns the id it goes by */
  #letOut(note: ModelNote, now: number): string {
    const older = note.silent ? undefined : this.#renewable(note);
    const own = older ?? note;
    if (older) this.notes.delete(note.id);
    const { id, standings } = own;
    const moment = ++this.#moment;
    const asked = note.silent ? 0 : moment;
    this.notes.set(id, { ...note, id, standings, publishedAt: now, asked, changed: moment });
    if (!note.silent) for (const userId of this.#users.keys()) standings.set(userId, this.#anew());
    return id;
  }

  /** The newest live one with the same key for the same people, unless its only recipient has read it. */
  #renewable({ id, to, collapse }: ModelNote): ModelNote | undefined {
    if (collapse === null) return undefined;
    const isSame = (other: ModelNote) => other.collapse === collapse && nameOf(other.to) === nameOf(to);
    const live = [...this.notes.values()].filter(
      (other) => other.id !== id && other.status === 'out' && other.asked > 0,
    );
    const older = live.filter(isSame).sort((a, b) => b.asked - a.asked)[0];
    const only = older && this.#onlyRecipient(older.to);
    return only !== undefined && older?.standings.get(only)?.read ? undefined : older;
  }

  #onlyRecipient(to: ModelRecipient): string | undefined {
    const people =
      'users' in to ? to.users : 'names' in to ? to.names.filter((name) => this.#users.get(name)?.isKnown) : [];
    const all = 'users' in to ? to.users : 'names' in to ? to.names : [];
    return all.length === 1 ? people[0] : undefined;
  }

  #anew = (): Standing => ({ place: this.#moment, read: false, archived: false, snoozedUntil: null });
  #user = (userId: string): ModelUser => this.#users.get(userId) as ModelUser;
  #note = (id: string): ModelNote => this.notes.get(id) as ModelNote;
  #standing = (userId: string, id: string): Standing => this.#note(id).standings.get(userId) as Standing;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const nameOf = (to: ModelRecipient): string =>
  JSON.stringify('topic' in to ? to : Object.entries(to).map(([kind, all]) => [kind, [...all].sort()]));
