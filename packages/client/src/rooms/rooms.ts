import type { ServerFrame } from '@tidings/protocol';
import type { TidingsClient } from '../client.ts';
import { isRoomRecord, RoomStore } from './room-store.ts';

/** The rooms that a client follows, and who of them gets which frame. */
export class Rooms {
  readonly #client: TidingsClient;
  readonly #rooms = new Map<string, RoomStore>();
  /** The user who was greeted last. */
  #userId: string | undefined;

  constructor(client: TidingsClient) {
    this.#client = client;
    this.#userId = client.state.user?.id;
    client.on('*', (frame) => this.#apply(frame));
    client.onState(({ status }) => {
      if (status !== 'connected') for (const room of this.#rooms.values()) room.disconnected();
    });
  }

  /** @param isSeen false to be neither shown there nor sent who is there, unless another who uses it wants to be */
  open(name: string, isSeen: boolean): RoomStore {
    const room = this.#rooms.get(name) ?? new RoomStore(name, this.#client);
    this.#rooms.set(name, room);
    const [isFirst, wasSeen] = [room.users++ === 0, room.seen > 0];
    if (isSeen) room.seen++;
    this.#nameUnseen();
    if (isFirst) room.follow();
    else if (isSeen && !wasSeen) room.changeSeen();
    return room;
  }

  release(room: RoomStore, isSeen: boolean): void {
    if (isSeen) room.seen--;
    if (--room.users === 0) this.#rooms.delete(room.name);
    this.#nameUnseen();
    if (room.users === 0) room.end();
    else if (isSeen && room.seen === 0) room.changeSeen();
  }

  /** The next connection resumes these rooms unseen; one whose name has a comma is no topic of an address. */
  #nameUnseen(): void {
    const rooms = [...this.#rooms.values()].filter(({ name, seen }) => seen === 0 && !name.includes(','));
    const unseen = rooms.map(({ name }) => `room:${name}`).join();
    const { parts } = this.#client;
    parts.query = { ...parts.settings.query, ...(unseen && { unseen }) };
  }

  #apply(frame: ServerFrame): void {
    if (isRoomRecord(frame)) this.#applyRecord(frame);
    else if (frame.type === 'retracted') for (const room of this.#rooms.values()) room.retracted(frame.id);
    else if (frame.type === 'ephemeral_event') this.#rooms.get(frame.room)?.handlers.emit(frame);
    else if (frame.type === 'presence') this.#rooms.get(frame.room)?.setMembers(frame);
    else if (frame.type === 'subscribed') this.#rooms.get(frame.room ?? '')?.subscribed();
    else if (frame.type === 'unsubscribed') this.#rooms.get(frame.room ?? '')?.unsubscribed(frame);
    else if (frame.type === 'topic_joined') this.#rooms.get(frame.topic.replace('room:', ''))?.joined();
    else if (frame.type === 'synced') for (const room of this.#rooms.values()) room.synced();
    else if (frame.type === 'connection_established') this.#begin(frame.user_id, frame.recovered ? frame.cursor : null);
  }

  #applyRecord(frame: Parameters<RoomStore['put']>[0]): void {
    const room = this.#rooms.get(frame.room);
    if (room) room.put(frame);
    // It was left, and its snapshot must be no duplicate when it is opened again.
    else this.#client.parts.resume.delete(frame.id);
  }

  /** A session begins. */
  #begin(userId: string, cursor: string | null): void {
    const isOther = (this.#userId ?? userId) !== userId;
    this.#userId = userId;
    for (const room of this.#rooms.values()) {
      if (isOther) room.begin();
      else if (cursor === null) room.beginAnew();
    }
  }
}
