import type { TidingsError } from '@tidings/protocol';
import { inTime } from '../domain/in-time.ts';
import type { Clock } from '../domain/ports.ts';
import {
  allows,
  grantedAccess,
  type Room,
  type RoomAction,
  type RoomPerson,
  type RoomRight,
  roomName,
  roomTopic,
} from '../domain/rooms.ts';
import type { RoomStore } from '../domain/store/rooms.ts';
import type { ApplicationRights } from './application-rights.ts';
import type { RoomRefusals } from './room-refusals.ts';

interface RoomRightsParts {
  store: Pick<RoomStore, 'roomMembership'>;
  /** Null where the application is not asked. */
  application: ApplicationRights | null;
  refusals: Pick<RoomRefusals, 'note'>;
  clock: Pick<Clock, 'after'>;
}

/** Time for which members wait for the application's answer, ms: they need none. */
const membersWaitMs = 200;

/** The rights of users in rooms: any of their three sources gives one. */
export class RoomRights {
  readonly #parts: RoomRightsParts;

  constructor(parts: RoomRightsParts) {
    this.#parts = parts;
  }

  /**
   * A user's right, as of now; null for none. Members wait 200 ms for the application, and then have the right of their
   * membership. If there is no right to read, the log says so, unless `isQuiet`: the user has not asked.
   *
   * @throws TidingsError `unavailable` where that cannot be told
   */
  async rightOf(
    user: RoomPerson,
    action: RoomAction,
    room: Room,
    { isQuiet = false }: { isQuiet?: boolean } = {},
  ): Promise<RoomRight | null> {
    if (allows(grantedAccess(user.grants, room), action)) return { source: 'grant', rev: 0 };
    const { clock, refusals } = this.#parts;
    const asking = this.#askApplication(user, action, room);
    const soon = await inTime(clock, membersWaitMs, asking, () => null);
    if (soon === true) return { source: 'application', rev: 0 };
    const membership = await this.#membershipOf(user, action, room);
    if (membership) return membership;
    const asked = soon ?? (await asking);
    if (asked === true) return { source: 'application', rev: 0 };
    if (asked !== false) throw asked;
    if (action === 'read' && !isQuiet) refusals.note(user, room);
    return null;
  }

  async #membershipOf({ id }: RoomPerson, action: RoomAction, room: Room): Promise<RoomRight | null> {
    const membership = await this.#parts.store.roomMembership(id, roomTopic(roomName(room)));
    return membership && allows(membership.access, action) ? { source: 'membership', rev: membership.rev } : null;
  }

  /** The answer of the application; the error where there is none, since a membership may give the right all the same. */
  async #askApplication(user: RoomPerson, action: RoomAction, room: Room): Promise<boolean | TidingsError> {
    try {
      return (await this.#parts.application?.allows(user, action, room)) ?? false;
    } catch (error) {
      return error as TidingsError;
    }
  }
}
