import type { PresenceMember } from '@tidings/protocol';
import type { Received } from './memory-connection.ts';

type Members = Record<string, PresenceMember>;

/** The users in a room, as a client knows it that does what PROTOCOL.md says; a difference that does not fit is an error. */
export class PresenceView {
  readonly #room: string;
  #members: Map<string, PresenceMember> | null = null;

  constructor(room: string) {
    this.#room = room;
  }

  /** The members, by user id, each as JSON has it; null before the first frame. */
  get members(): Members | null {
    return this.#members && Object.fromEntries(this.#members);
  }

  get users(): string[] {
    return [...(this.#members?.keys() ?? [])].sort();
  }

  /** The states of a user's sessions. */
  statesOf(user: string): object[] {
    return Object.values(this.#members?.get(user)?.sessions ?? {});
  }

  take({ type, room, ...frame }: Received): void {
    if (type === 'unsubscribed' && room === this.#room) this.#members = null;
    if (type !== 'presence' || room !== this.#room) return;
    const {
      members: everybody,
      joined = {},
      left = [],
      changed = {},
    } = frame as unknown as Record<string, Members> & { left: string[] };
    if (everybody) this.#members = new Map(Object.entries(everybody));
    const members = this.#members;
    if (!members) throw new Error('a difference came before everybody');
    for (const id of left) if (!members.delete(id)) throw new Error(`${id} left, and was not there`);
    for (const [id, member] of Object.entries(joined)) {
      if (members.has(id)) throw new Error(`${id} joined, and was there already`);
      members.set(id, member);
    }
    for (const [id, member] of Object.entries(changed)) {
      if (!members.has(id)) throw new Error(`${id} changed, and was not there`);
      members.set(id, member);
    }
  }

  /** The view after all that came. */
  static of(room: string, received: readonly Received[]): PresenceView {
    const view = new PresenceView(room);
    for (const frame of received) view.take(frame);
    return view;
  }
}
