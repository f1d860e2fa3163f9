import type { RoomPresence } from '@tidings/protocol';
import type { Clock } from '../domain/ports.ts';
import type { PresenceFollower } from '../session/room-seat.ts';
import type { Counters } from '../telemetry/counters.ts';
import { PresenceFrames, type PresencePart } from './presence-frames.ts';
import { type PresentSession, PresentUsers, type SessionKey } from './present-users.ts';

export interface PresenceFeedOptions {
  clock: Clock;
  /** Time from one difference to the next, ms. */
  conflateMs: number;
  /** The most users that are shown in a room; others are, as soon as there is space. */
  maxMembers: number;
  counters: Pick<Counters, 'presenceFrames' | 'presenceConflated' | 'presenceSkipped'>;
}

/**
 * - `current`: was sent everything so far
 * - `stale`: must be sent the whole
 * - `waiting`: the same, but not before something changes, or its time is over
 */
type FollowerState = 'current' | 'stale' | 'waiting';

/**
 * The users in one room, and what this node's followers of it know of them. Changes are gathered: all that came in 50 ms is one difference,
 * made once and shared by all who are sent it. A follower that takes no frames now is sent the whole as soon as it takes them again.
 */
export class PresenceFeed {
  readonly #room: string;
  readonly #options: PresenceFeedOptions;
  readonly #users = new PresentUsers();
  readonly #followers = new Map<PresenceFollower, FollowerState>();
  /** The members as the followers know them, JSON, by user id. */
  readonly #shown = new Map<string, string>();
  /** Users of whom something may be different from what is shown. */
  readonly #changed = new Set<string>();
  /** Users for whom there was no space. */
  readonly #hidden = new Set<string>();
  /** The whole as it is shown; null until somebody needs it. */
  #whole: PresenceFrames | null = null;
  /** The number of differences that were made. */
  #version = 0;
  /** The number of changes that are not sent yet. */
  #changes = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #stopTimer: (() => void) | null = null;
  #isComplete: boolean;

  /** @param isComplete false if what other nodes know is yet to be read: until `complete` nobody is told anything */
  constructor(room: string, options: PresenceFeedOptions, isComplete: boolean) {
    this.#room = room;
    this.#options = options;
    this.#isComplete = isComplete;
  }

  /** The number of users in the room, on all nodes. */
  get members(): number {
    return this.#users.size;
  }

  /** The number of sessions of this node that are sent who is there. */
  get watchers(): number {
    return this.#followers.size;
  }

  /** The sessions on other nodes were read, or cannot be read now. */
  complete(): void {
    if (this.#isComplete) return;
    this.#isComplete = true;
    this.#schedule();
  }

  set(node: string, session: PresentSession): void {
    this.#users.set(node, session);
    this.#note(session.userId);
  }

  delete(node: string, session: SessionKey): void {
    this.#users.delete(node, session);
    this.#note(session.userId);
  }

  /** A session as it last said its state, on whatever node. */
  find(session: SessionKey): PresentSession | undefined {
    return this.#users.find(session);
  }

  /** @param knownVersion the version of the whole that its client was sent before, as `unfollow` returned it; null for none */
  follow(follower: PresenceFollower, knownVersion: number | null): void {
    const isKnown = follower.awaitsChange && knownVersion === this.#version;
    this.#followers.set(follower, isKnown ? 'waiting' : 'stale');
    this.#schedule();
  }

  /** Sends a follower who is there now, unless it has been sent that already. */
  refresh(follower: PresenceFollower): void {
    if (!this.#isComplete || (this.#followers.get(follower) ?? 'current') === 'current') return;
    this.#followers.set(follower, 'stale');
    this.#stopTimer?.();
    this.#stopTimer = null;
    this.#send();
  }

  /** @returns the version of the whole that it was sent; null if it was sent none, or not all of it */
  unfollow(follower: PresenceFollower): number | null {
    const isCurrent = this.#followers.get(follower) === 'current';
    this.#followers.delete(follower);
    return isCurrent ? this.#version : null;
  }

  items(): RoomPresence['items'] {
    const items: RoomPresence['items'] = [];
    for (const user_id of this.#users.users) {
      if (items.length === this.#options.maxMembers) break;
      const text = this.#users.textOf(user_id);
      if (text) items.push({ user_id, ...JSON.parse(text) });
    }
    return items;
  }

  close(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
    this.#followers.clear();
  }

  #note(userId: string): void {
    this.#changed.add(userId);
    this.#changes++;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#stopTimer || !this.#isComplete) return;
    const { clock, conflateMs } = this.#options;
    const wait = this.#sentAt + conflateMs - clock.monotonic();
    const run = (): void => {
      if (this.#stopTimer !== stop) return;
      this.#stopTimer = null;
      this.#send();
    };
    // Changes that belong together come in one turn.
    if (wait <= 0) queueMicrotask(run);
    const stop = wait <= 0 ? () => {} : clock.after(wait, run);
    this.#stopTimer = stop;
  }

  #send(): void {
    this.#sentAt = this.#options.clock.monotonic();
    const parts = this.#difference();
    // Some are of users who come into view only now.
    this.#options.counters.presenceConflated += Math.max(0, this.#changes - parts.length);
    this.#changes = 0;
    const difference = parts.length === 0 ? null : new PresenceFrames(this.#room, parts);
    if (difference) {
      this.#whole = null;
      this.#version++;
    }
    let isAnyStale = false;
    for (const [follower, state] of this.#followers) {
      const next = this.#sendTo(follower, state, difference);
      if (next !== state) this.#followers.set(follower, next);
      isAnyStale ||= next === 'stale';
    }
    if (isAnyStale) this.#schedule();
  }

  #sendTo(follower: PresenceFollower, state: FollowerState, difference: PresenceFrames | null): FollowerState {
    if (!difference && state !== 'stale') return state;
    const sent = state === 'current' && difference ? difference : this.#everybody();
    const frames = sent.within(follower.maxFrame);
    const isTaken = follower.sendPresence(frames);
    if (isTaken) this.#options.counters.presenceFrames += frames.length;
    else this.#options.counters.presenceSkipped += frames.length;
    return isTaken ? 'current' : 'stale';
  }

  /** Brings what is shown up to date. */
  #difference(): PresencePart[] {
    const parts: PresencePart[] = [];
    for (const id of this.#changed) {
      const text = this.#users.textOf(id);
      const before = this.#shown.get(id);
      if (text !== null || before === undefined) continue;
      this.#shown.delete(id);
      parts.push({ name: 'left', id });
    }
    for (const id of [...this.#changed, ...this.#hidden]) {
      const text = this.#users.textOf(id);
      const before = this.#shown.get(id);
      this.#hidden.delete(id);
      if (text === null || text === before) continue;
      if (before === undefined && this.#shown.size >= this.#options.maxMembers) {
        this.#hidden.add(id);
        continue;
      }
      this.#shown.set(id, text);
      parts.push({ name: before === undefined ? 'joined' : 'changed', id, text });
    }
    this.#changed.clear();
    return parts;
  }

  #everybody(): PresenceFrames {
    this.#whole ??= new PresenceFrames(
      this.#room,
      [...this.#shown].map(([id, text]) => ({ name: 'members', id, text })),
    );
    return this.#whole;
  }
}
