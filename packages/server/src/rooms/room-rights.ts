import type { TidingsError } from '@tidings/protocol';
import type { Identity } from '../domain/identity.ts';
import {
  allows,
  grantedAccess,
  type RightSource,
  type Room,
  type RoomAction,
  roomName,
  roomTopic,
} from '../domain/rooms.ts';
import type { RoomStore } from '../domain/store/rooms.ts';
import type { ApplicationRights } from './application-rights.ts';

/** The rights of users in rooms: any of their three sources gives one. */
export class RoomRights {
  readonly #store: Pick<RoomStore, 'roomAccess'>;
  /** Null where the application is not asked. */
  readonly #application: ApplicationRights | null;

  constructor(store: Pick<RoomStore, 'roomAccess'>, application: ApplicationRights | null) {
    this.#store = store;
    this.#application = application;
  }

  /**
   * The source of a right, as of now; null for none. A membership is the last that is looked for: whoever has the right by it has no other,
   * and loses it with the membership.
   *
   * @throws TidingsError `unavailable` where that cannot be told
   */
  async rightOf(user: Identity, action: RoomAction, room: Room): Promise<RightSource | null> {
    if (allows(grantedAccess(user.grants, room), action)) return 'grant';
    const asked = await this.#askApplication(user, action, room);
    if (asked === true) return 'application';
    const access = await this.#store.roomAccess(user.id, roomTopic(roomName(room)));
    if (allows(access, action)) return 'membership';
    if (asked !== false) throw asked;
    return null;
  }

  /** The answer of the application; the error where there is none, since a membership may give the right all the same. */
  async #askApplication(user: Identity, action: RoomAction, room: Room): Promise<boolean | TidingsError> {
    try {
      return (await this.#application?.allows(user, action, room)) ?? false;
    } catch (error) {
      return error as TidingsError;
    }
  }
}
