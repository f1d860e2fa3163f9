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

  open(name: string): RoomStore {
    const room = this.#rooms.get(name) ?? new RoomStore(name, this.#client);
    this.#rooms.set(name, room);
    if (room.users++ === 0) room.follow();
    return room;
  }

  release(room: RoomStore): void {
    if (--room.users > 0) return;
    this.#rooms.delete(room.name);
    room.end();
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
