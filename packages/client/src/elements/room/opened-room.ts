import type { TidingsClient } from '../../client.ts';
import { type Room, type RoomSnapshot, room } from '../../room.ts';
import type { RoomHost } from './room-host.ts';
import { roomEnglish } from './strings.ts';

/** Follows the room of an element, and renders the element when something changed. */
export class OpenedRoom {
  readonly #host: RoomHost;
  #room: Room | undefined;

  constructor(host: RoomHost) {
    this.#host = host;
  }

  get words(): typeof roomEnglish & ReturnType<RoomHost['words']> {
    return { ...roomEnglish, ...this.#host.words() };
  }

  /** Null before it is opened, or where its name is none. */
  get snapshot(): RoomSnapshot | null {
    return this.#room?.getSnapshot() ?? null;
  }

  /** The name of a person, as the application says it. */
  nameOf(username: string, userId: string): string {
    return this.words.person?.(username, userId) ?? username;
  }

  loadMore(): Promise<void> {
    return this.#room?.loadMore() ?? Promise.resolve();
  }

  follow(client: TidingsClient): (() => void)[] {
    try {
      this.#room = room(client, this.#host.room());
    } catch (error) {
      // A name that is none is a fault of the page.
      client.parts.logger.error(`tidings: ${String(error)}`);
      return [];
    }
    const opened = this.#room;
    const off = opened.onChange(this.#host.scheduleRender);
    this.#host.element.requestUpdate();
    const leave = () => {
      off();
      opened.close();
      if (this.#room === opened) this.#room = undefined;
    };
    return [leave];
  }
}
