import { setTimeout as pause } from 'node:timers/promises';
import { type Room, room } from '@tidings/client/room';
import type { SentRoomEvent } from '@tidings/protocol';
import { until } from '../until.ts';
import type { Person } from './oracle.ts';
import { type Finding, type Ground, longest, type Part } from './part.ts';

interface Accepted {
  id: string;
  room: string;
  /** When it was sent, by the clock of this process. */
  calledAt: number;
}

/** A person in a room, and the events that the client gave to the application since the last judgement. */
class Follower {
  readonly person: Person;
  readonly room: Room;
  /** The end of the right, once it was answered. */
  endedAt = Number.POSITIVE_INFINITY;
  readonly applied = new Set<string>();
  twice = 0;
  outOfOrder = 0;
  #rev = 0;

  constructor(person: Person, name: string) {
    this.person = person;
    this.room = room(person.client, name);
    this.room.on('*', (event) => {
      if (!('rev' in event)) return;
      if (this.applied.has(event.id)) this.twice++;
      else if (event.rev <= this.#rev) this.outOfOrder++;
      this.applied.add(event.id);
      this.#rev = event.rev;
    });
  }

  begin(): void {
    this.applied.clear();
    this.twice = 0;
    this.outOfOrder = 0;
  }
}

/** Rooms that everyone and some follow, on all transports; of one more a right ends in the middle of each fault. */
export class RoomPart implements Part {
  readonly name = 'rooms';
  readonly #ground: Ground;
  readonly #followers: Follower[] = [];
  #accepted: Accepted[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #ending: { name: string; leaver: Follower } | null = null;
  readonly #passing: Follower[] = [];
  #rooms = 0;
  #ticks = 0;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  async open(): Promise<void> {
    const { people } = this.#ground;
    for (const [n, person] of people.entries()) {
      this.#followers.push(new Follower(person, 'project:all'));
      if (n % 3 === 0) this.#followers.push(new Follower(person, 'project:some'));
    }
    await this.#ready(this.#followers);
  }

  async prepare(): Promise<void> {
    const { sender, choices, people } = this.#ground;
    const name = `project:ends-${++this.#rooms}`;
    const chosen = choices.shuffled(people).slice(0, 2);
    for (const { id } of chosen) await sender.rooms.setMember(name, id, 'rw');
    const followers = chosen.map((person) => new Follower(person, name));
    await this.#ready(followers);
    this.#passing.push(...followers);
    this.#ending = { name, leaver: followers[0] as Follower };
  }

  tick(): void {
    if (this.#ticks++ % 3 > 0 || this.#underWay.size > 100) return;
    const { choices, sender } = this.#ground;
    const names = ['project:all', 'project:some', ...(this.#ending ? [this.#ending.name] : [])];
    for (const name of names) this.#send(name, () => sender.rooms.send(name, 'step', {}));
    const { room, person } = choices.pick(this.#followers);
    if (person.client.state.status === 'connected') this.#send(room.name, () => room.send('step', {}));
  }

  async strike(): Promise<void> {
    const { choices, sender } = this.#ground;
    await pause(choices.below(1_500));
    if (!this.#ending) return;
    const { name, leaver } = this.#ending;
    await sender.rooms.removeMember(name, leaver.person.id);
    leaver.endedAt = performance.now();
  }

  async judge(): Promise<Finding> {
    await Promise.all(this.#underWay);
    const followers = [...this.#followers, ...this.#passing];
    const missing = () => followers.map((follower) => this.#missing(follower));
    await until('every event', () => missing().every(({ length }) => length === 0), longest).catch(() => {});
    await pause(500);
    const lost = missing();
    const late = followers.map(({ applied, endedAt }) =>
      this.#accepted.filter(({ id, calledAt }) => calledAt > endedAt && applied.has(id)),
    );
    const sum = (numbers: readonly number[]) => numbers.reduce((before, number) => before + number, 0);
    const counts = {
      accepted: this.#accepted.length,
      delivered: sum(followers.map(({ applied }) => applied.size)),
      lost: sum(lost.map(({ length }) => length)),
      twice: sum(followers.map(({ twice }) => twice)),
      'out of order': sum(followers.map(({ outOfOrder }) => outOfOrder)),
      'after the right': sum(late.map(({ length }) => length)),
    };
    const stories = followers.flatMap(({ person, room, twice, outOfOrder }, n) => {
      const wrong = { lost: lost[n]?.length, twice, outOfOrder, late: late[n]?.length };
      if (Object.values(wrong).every((count) => count === 0)) return [];
      return [`${person.id} in ${room.name}: ${JSON.stringify(wrong)}\n${person.log.join('\n')}`];
    });
    this.#beginAnew();
    return { counts, stories };
  }

  async close(): Promise<void> {
    for (const { room } of [...this.#followers, ...this.#passing]) room.close();
  }

  /** The accepted events that did not come; of one whose right ended, none has to. */
  #missing({ room, applied, endedAt }: Follower): Accepted[] {
    if (endedAt < Number.POSITIVE_INFINITY) return [];
    return this.#accepted.filter((event) => event.room === room.name && !applied.has(event.id));
  }

  #beginAnew(): void {
    for (const follower of this.#followers) follower.begin();
    for (const { room } of this.#passing.splice(0)) room.close();
    this.#ending = null;
    this.#accepted = [];
  }

  #send(name: string, send: () => Promise<SentRoomEvent>): void {
    const calledAt = performance.now();
    const sent = send().then(
      ({ id }) => void this.#accepted.push({ id: id as string, room: name, calledAt }),
      // It may be stored all the same: nobody was told so.
      () => {},
    );
    this.#underWay.add(sent);
    void sent.then(() => this.#underWay.delete(sent));
  }

  async #ready(followers: readonly Follower[]): Promise<void> {
    const missing = () => followers.filter(({ room }) => room.getSnapshot().status !== 'ready');
    const story = ({ person, room }: Follower) => `${person.id} in ${room.name} (${room.getSnapshot().status})`;
    await until('rooms to be followed', () => missing().length === 0, longest).catch((error) => {
      throw new Error(`${error.message}: ${missing().map(story).join(', ')}`);
    });
  }
}
