import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { room } from '@tidings/client/room';
import { until } from '../until.ts';
import { Attendee } from './attendee.ts';
import { type Finding, type Ground, longest, type Part } from './part.ts';

const guestsFile = fileURLToPath(new URL('guests.ts', import.meta.url));
/** The longest until everyone knows who is there: the lease of a node and the grace of a user, and as much again on a busy machine. ms */
const settlesWithin = 2 * (10_000 + 5_000);
/** Time since the last sign of life of one who is there: less than the grace of a user. ms */
const hereMs = 3_500;
/** Time for which one who was away in truth may be told as left: those who tell it may be late. ms */
const excusedMs = 100_000;

/** People in a room, some of whom reload again and again, and guests whose process is killed in the middle of each fault. */
export class PresencePart implements Part {
  readonly name = 'presence';
  readonly #ground: Ground;
  readonly #attendees: Attendee[] = [];
  #guests: { process: ChildProcess; users: string[] } | null = null;
  #parties = 0;
  #reloads = 0;
  #problems: string[] = [];
  #flickers = 0;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  async open(): Promise<void> {
    for (let n = 0; n < 6; n++) {
      const user = `attendee-${n}`;
      const parts = {
        ...{ user, addresses: this.#addresses(user), room: 'project:hall' },
        left: (users: readonly string[]) => this.#noteLeft(user, users),
        failed: (problem: string) => void this.#problems.push(problem),
      };
      this.#attendees.push(new Attendee(parts, n));
    }
    await this.#settled();
  }

  async prepare(): Promise<void> {
    await this.#killGuests();
    const users = ['a', 'b', 'c'].map((letter) => `guest-${this.#parties}${letter}`);
    this.#parties++;
    const addresses = users.map((user) => this.#ground.choices.pick(this.#addresses(user)));
    const process_ = spawn(process.execPath, [guestsFile, ...addresses], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#guests = { process: process_, users };
    // Some of those who see them may be away at any moment.
    const seers = new Set<Attendee>();
    const areSeen = () => {
      for (const attendee of this.#attendees)
        if (users.every((user) => attendee.users.includes(user))) seers.add(attendee);
      return seers.size === this.#attendees.length;
    };
    await until('guests to be seen', areSeen, longest);
  }

  tick(): void {
    const { choices } = this.#ground;
    if (choices.below(25) > 0) return;
    this.#reloads++;
    choices.pick(this.#attendees).reload(choices.below(1_500));
  }

  async strike(): Promise<void> {
    await pause(this.#ground.choices.below(1_500));
    await this.#killGuests();
  }

  async judge(): Promise<Finding> {
    await this.#killGuests();
    await this.#settled().catch(() => {});
    const wrong = this.#wrong;
    const counts = {
      reloads: this.#reloads,
      lists: this.#attendees.length + this.#ground.people.length,
      wrong: wrong.length,
      'told as left': this.#flickers,
    };
    const stories = [...wrong, ...this.#problems];
    this.#problems = [];
    this.#flickers = 0;
    this.#reloads = 0;
    return { counts, stories };
  }

  async close(): Promise<void> {
    await this.#killGuests();
    for (const attendee of this.#attendees) attendee.close();
  }

  #addresses(user: string): string[] {
    const token = this.#ground.token(user, ['project:hall:rw']);
    return this.#ground.urls.map((url) => `${url.replace('http', 'ws')}/ws/projects/hall/?token=${token}`);
  }

  /** Those who are there once the guests are gone. */
  get #here(): string {
    return this.#attendees
      .map(({ user }) => user)
      .sort()
      .join();
  }

  /** The people of the room that all follow, as one of them is told. */
  #crowdOf({ client }: Ground['people'][number]): string[] {
    const all = room(client, 'project:all');
    const users = all.getSnapshot().members.map(({ user_id }) => user_id);
    all.close();
    return users.sort();
  }

  async #settled(): Promise<void> {
    await until('everyone to know who is there', () => this.#wrong.length === 0, settlesWithin);
  }

  /** Of each who was told of others than are there, a sentence. */
  get #wrong(): string[] {
    const everyone = this.#ground.people
      .map(({ id }) => id)
      .sort()
      .join();
    const here = this.#here;
    return [
      ...this.#attendees.map(({ user, users }) => ({ user, told: users.join(), here })),
      ...this.#ground.people.map((person) => ({ user: person.id, told: this.#crowdOf(person).join(), here: everyone })),
    ].flatMap(({ user, told, here }) =>
      told === here ? [] : [`${user} was told that ${told || 'nobody'} is there, and there are ${here}`],
    );
  }

  async #killGuests(): Promise<void> {
    if (!this.#guests) return;
    const { process: guests } = this.#guests;
    this.#guests = null;
    const gone = once(guests, 'exit');
    guests.kill('SIGKILL');
    await gone;
  }

  #noteLeft(watcher: string, users: readonly string[]): void {
    const now = performance.now();
    for (const attendee of this.#attendees) {
      const { user, heardAt, gapEndedAt } = attendee;
      if (!users.includes(user) || now - heardAt > hereMs || now - gapEndedAt < excusedMs) continue;
      this.#flickers++;
      this.#problems.push(`${watcher} was told that ${user} left, who was heard ${(now - heardAt).toFixed(0)} ms ago`);
    }
  }
}
