import type { TidingsError } from '@tidings/protocol';
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

/** The rights of users in rooms: any of their three sources gives one. */
export class RoomRights {
  readonly #store: Pick<RoomStore, 'roomMembership'>;
  /** Null where the application is not asked. */
  readonly #application: ApplicationRights | null;
  readonly #refusals: Pick<RoomRefusals, 'note'>;

  constructor(
    store: Pick<RoomStore, 'roomMembership'>,
    application: ApplicationRights | null,
    refusals: Pick<RoomRefusals, 'note'>,
  ) {
    this.#store = store;
    this.#application = application;
    this.#refusals = refusals;
  }

  /**
   * A user's right, as of now; null for none. A membership is the last that is looked for: whoever has the right by it has no other,
   * and loses it with the membership. If there is no right to read, the log says so, unless `isQuiet`: the user has not asked.
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
    const asked = await this.#askApplication(user, action, room);
    if (asked === true) return { source: 'application', rev: 0 };
    const membership = await this.#store.roomMembership(user.id, roomTopic(roomName(room)));
    if (membership && allows(membership.access, action)) return { source: 'membership', rev: membership.rev };
    if (asked !== false) throw asked;
    if (action === 'read' && !isQuiet) this.#refusals.note(user, room);
    return null;
  }

  /** The answer of the application; the error where there is none, since a membership may give the right all the same. */
  async #askApplication(user: RoomPerson, action: RoomAction, room: Room): Promise<boolean | TidingsError> {
    try {
      return (await this.#application?.allows(user, action, room)) ?? false;
    } catch (error) {
      return error as TidingsError;
    }
  }
}
