import { TidingsError } from '@tidings/protocol';
import type { RoomControl } from '../commands/context.ts';
import { notFound } from '../commands/refuse.ts';
import type { Identity } from '../domain/identity.ts';
import {
  allows,
  type Room,
  type RoomAccess,
  type RoomAction,
  type RoomRight,
  rightsUnknown,
  roomName,
} from '../domain/rooms.ts';

export interface MemberRightsParts {
  rights: Pick<RoomControl, 'rightOf'>;
  room: Room;
  identity: () => Identity;
  /** Called where the right to write begins or ends. */
  changed(mayWrite: boolean): void;
  /** Called where the right to read has ended, or cannot be told. */
  lost(error: TidingsError): void;
}

/** The rights of one connection in one document, as they are known now. They are looked up again where they may have changed. */
export class MemberRights {
  readonly #parts: MemberRightsParts;
  #read: RoomRight | null = null;
  #write: RoomRight | null = null;
  #isAsking = false;
  #isStale = false;

  constructor(parts: MemberRightsParts) {
    this.#parts = parts;
  }

  get mayWrite(): boolean {
    return this.#write !== null;
  }

  /** True if the application has given one, which it does not tell the end of. */
  get isApplications(): boolean {
    return this.#read?.source === 'application' || this.#write?.source === 'application';
  }

  /**
   * The user's membership is another from a rev on, or has ended: what an earlier one gave ends at once. The application
   * may give one too, if it has not answered within 200 ms: so they are looked up again.
   * @param access what it gives now
   */
  membershipChanged(rev: number, access: RoomAccess | null): void {
    const isOver = (right: RoomRight | null, action: RoomAction): boolean =>
      right?.source === 'membership' && right.rev < rev && !allows(access, action);
    if (isOver(this.#read, 'read')) {
      this.#parts.lost(notFound('room', roomName(this.#parts.room)));
      return;
    }
    if (isOver(this.#write, 'write')) {
      this.#write = null;
      this.#parts.changed(false);
    }
    void this.lookUp();
  }

  /** Looks them up, again if they change meanwhile. */
  async lookUp(): Promise<void> {
    this.#isStale = true;
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        await this.#ask();
      }
    } catch (error) {
      this.#parts.lost(error instanceof TidingsError ? error : rightsUnknown());
    } finally {
      this.#isAsking = false;
    }
  }

  async #ask(): Promise<void> {
    const { rights, room, identity, changed } = this.#parts;
    const user = identity();
    const [read, write] = await Promise.all([rights.rightOf(user, 'read', room), rights.rightOf(user, 'write', room)]);
    // They are being asked for again: these may be of before the change.
    if (this.#isStale) return;
    if (read === null) throw notFound('room', roomName(room));
    const had = this.mayWrite;
    [this.#read, this.#write] = [read, write];
    if (had !== this.mayWrite) changed(this.mayWrite);
  }
}
