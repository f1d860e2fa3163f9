import { reasonOf } from '@tidings/protocol';
import type { Identity } from '../domain/identity.ts';
import { inTime } from '../domain/in-time.ts';
import type { Clock } from '../domain/ports.ts';
import { type Room, type RoomAction, rightsUnknown } from '../domain/rooms.ts';
import type { Telemetry } from '../telemetry/events.ts';

/** The user of a question, as the application knows users. */
export type RoomUser = Pick<Identity, 'id' | 'username' | 'roles'>;

/** The application's own answer to whether a user may follow a room (`read`) or send to it (`write`). It has 2 s; a failure is no answer. */
export type AuthorizeRoom = (user: RoomUser, action: RoomAction, room: Room) => boolean | Promise<boolean>;

/**
 * Time for which an answer is used, ms. It is asked for again within a second then, and comes within `timeoutMs`: together they keep the
 * promise that a right which ends, ends within 5 s.
 */
const keptMs = 2_000;
/** Time limit of an answer, ms. */
export const timeoutMs = 2_000;
/** The most answers that are kept. */
const remembered = 50_000;

interface Parts {
  clock: Clock;
  telemetry: Telemetry;
  /** The option by which the application is asked: failures are reported under its name. Default: `rooms.authorize`. */
  option?: 'rooms.authorize' | 'rooms.url';
}

interface Asked {
  /** When it was asked, epoch milliseconds. */
  at: number;
  answer: Promise<boolean>;
}

/** Asks the application for rights. An answer that does not come, or is no boolean, is `unavailable` and never a refusal. */
export class ApplicationRights {
  readonly #authorize: AuthorizeRoom;
  readonly #parts: Parts;
  /** The oldest first. */
  readonly #asked = new Map<string, Asked>();

  constructor(authorize: AuthorizeRoom, parts: Parts) {
    this.#authorize = authorize;
    this.#parts = parts;
  }

  /** @throws TidingsError `unavailable` */
  allows({ id, username, roles }: RoomUser, action: RoomAction, { kind, id: roomId }: Room): Promise<boolean> {
    // A user who has got another role is another to the application, and is not given the answer for the former.
    const key = JSON.stringify([id, username, roles, action, kind, roomId]);
    const now = this.#parts.clock.now();
    const known = this.#asked.get(key);
    if (known && Math.abs(now - known.at) < keptMs) return known.answer;
    const answer = this.#ask({ id, username, roles }, action, { kind, id: roomId });
    const asked = { at: now, answer };
    this.#asked.delete(key);
    if (this.#asked.size >= remembered) this.#asked.delete(this.#asked.keys().next().value as string);
    this.#asked.set(key, asked);
    // The next who asks may be answered.
    answer.catch(() => this.#asked.get(key) === asked && this.#asked.delete(key));
    return answer;
  }

  async #ask(user: RoomUser, action: RoomAction, room: Room): Promise<boolean> {
    const { clock, telemetry, option = 'rooms.authorize' } = this.#parts;
    try {
      const answer: unknown = await inTime(clock, timeoutMs, this.#call(user, action, room), () => {
        throw new Error(`no answer within ${timeoutMs / 1_000} s`);
      });
      if (typeof answer === 'boolean') return answer;
      throw new Error(`it answered ${typeof answer}, not true or false`);
    } catch (error) {
      telemetry.emit({
        type: 'failure',
        where: option,
        error: error instanceof Error ? error : new Error(reasonOf(error)),
      });
      throw rightsUnknown();
    }
  }

  async #call(...question: Parameters<AuthorizeRoom>): Promise<unknown> {
    return this.#authorize(...question);
  }
}
