import type { Clock } from '../domain/ports.ts';
import { type Room, type RoomPerson, roomName } from '../domain/rooms.ts';
import type { Telemetry } from '../telemetry/events.ts';
import { LogLimiter } from '../telemetry/log-limiter.ts';

/** All refusals are limited as one kind, since whoever is refused chooses the names of rooms. */
const kind = 'room';

/** Logs why a user was refused in a room. The client is not told why, so that it cannot learn which rooms there are. */
export class RoomRefusals {
  readonly #telemetry: Telemetry;
  readonly #clock: Pick<Clock, 'now'>;
  /** The option by which the application answers; null for none. */
  readonly #option: string | null;
  readonly #limiter = new LogLimiter();

  constructor(parts: { telemetry: Telemetry; clock: Pick<Clock, 'now'>; option: string | null }) {
    this.#telemetry = parts.telemetry;
    this.#clock = parts.clock;
    this.#option = parts.option;
  }

  note(user: Pick<RoomPerson, 'id'>, room: Room): void {
    const line = this.#limiter.take(kind, this.#clock.now());
    if (!line) return;
    const name = roomName(room);
    const answer = this.#option ? `${this.#option} says no` : 'rooms.authorize and rooms.url are not set';
    this.#telemetry.emit({
      ...{ type: 'room_refused', user: user.id, room: name, ...line },
      reason: `the token has no grant, the user is no member, and ${answer}`,
      todo: `to let them in: rooms.setMember('${name}', '${user.id}', 'rw'), "grants": ["${name}:rw"] in the token, or rooms.authorize or rooms.url (--rooms-url); docs/rooms.md tells more`,
    });
  }
}
