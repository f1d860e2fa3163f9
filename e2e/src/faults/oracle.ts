import { setTimeout as pause } from 'node:timers/promises';
import { createTidingsClient, type TidingsClient } from '@tidings/client';
import type { Transport } from '@tidings/client/transports';
import type { Sender } from '@tidings/sender';
import type { Choices } from './choices.ts';

/** The recipients of a message. */
export type Audience = { user: string } | { role: string } | { everyone: true };

const roles: readonly string[] = ['clerk', 'auditor', 'treasurer'];

/** Mostly one of so many people, now and then a role or everyone. */
export function anyAudience(choices: Choices, people: number): Audience {
  const dice = choices.below(20);
  if (dice === 0) return { everyone: true };
  return dice < 4 ? { role: choices.pick(roles) } : { user: `p${choices.below(people)}` };
}

/** The result, when all is quiet. Every number but `accepted` and `delivered` is to be 0. */
export interface Verdict {
  accepted: number;
  delivered: number;
  lost: number;
  appliedTwice: number;
  outOfOrder: number;
  notTheirs: number;
  /** Of each that was lost, what is known of it. */
  stories: string[];
}

interface Accepted {
  id: string;
  rev: number;
  to: Audience;
  at: number;
}

/** One person with one client, and the frames that the client gave to the application since the last judgement. */
export class Person {
  readonly id: string;
  readonly role: string;
  readonly client: TidingsClient;
  readonly applied = new Set<string>();
  readonly log: string[] = [];
  appliedTwice = 0;
  outOfOrder = 0;
  readonly #newest = new Map<string, number>();
  #rev = 0;

  constructor(id: string, role: string, client: TidingsClient) {
    this.id = id;
    this.role = role;
    this.client = client;
    client.onState(({ status, reason }) => {
      const text = `${status}${reason ? ` (${reason.code})` : ''}`;
      if (this.log.at(-1)?.endsWith(` ${text}`)) return;
      this.log.push(`${clock()} ${text}`);
      if (this.log.length > 40) this.log.shift();
    });
    client.on('oracle_probe', (frame) => {
      const { stream, step } = frame.data as { stream: string; step: number };
      if (this.applied.has(frame.id)) this.appliedTwice++;
      // In the one sequence, and in the order in which its author sent to this audience.
      else if (frame.rev <= this.#rev || step <= (this.#newest.get(stream) ?? -1)) this.outOfOrder++;
      this.applied.add(frame.id);
      this.#newest.set(stream, step);
      this.#rev = frame.rev;
    });
  }

  /** The newest rev that was applied. */
  get rev(): number {
    return this.#rev;
  }

  isFor(to: Audience): boolean {
    if ('user' in to) return to.user === this.id;
    return 'role' in to ? to.role === this.role : true;
  }
}

const clock = (at = Date.now()): string => new Date(at).toISOString().slice(11, 23);

/** The ways of the people to the server, who take them in turn. */
export interface Connecting {
  urls: readonly string[];
  token(id: string, role: string): string;
  transport?(n: number): Transport | undefined;
}

/**
 * Writes down every id that was answered "accepted"; when all is quiet, each client must have applied exactly what was
 * accepted for it, once each, in order.
 */
export class Oracle {
  readonly people: Person[] = [];
  #accepted: Accepted[] = [];
  #refused: Audience[] = [];
  readonly #underWay = new Set<Promise<string | null>>();
  readonly #steps = new Map<string, number>();
  readonly #sender: Sender;
  #isOver = false;
  /** From a call to its answer "accepted", of small messages, since they were last taken. ms */
  #answerTimes: number[] = [];

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** Connects so many people, each with one of the roles; resolves when all have caught up. */
  async connect(count: number, { urls, token, transport }: Connecting): Promise<void> {
    for (let n = 0; n < count; n++) {
      const [id, role] = [`p${n}`, roles[n % roles.length] as string];
      const client = createTidingsClient({
        url: urls[n % urls.length] as string,
        token: token(id, role),
        transport: transport?.(n),
        reconnect: { minDelayMs: 50, maxDelayMs: 400 },
        logger: { warn() {}, error: console.error },
      });
      this.people.push(new Person(id, role, client));
    }
    await Promise.all(this.people.map(({ client }) => client.connect()));
  }

  /** Sends; resolves with its id, or null if it was refused. `filler`: characters more. */
  send(to: Audience, filler = 0): Promise<string | null> {
    const stream = JSON.stringify(to);
    const step = this.#steps.get(stream) ?? 0;
    this.#steps.set(stream, step + 1);
    const data = { stream, step, ...(filler > 0 && { filler: 'x'.repeat(filler) }) };
    const calledAt = performance.now();
    const sent = this.#sender.notify({ to, type: 'oracle_probe', data }).then(
      ({ id, rev }) => {
        this.#accepted.push({ id, rev, to, at: Date.now() });
        if (filler === 0) this.#answerTimes.push(performance.now() - calledAt);
        return id;
      },
      () => {
        this.#refused.push(to);
        return null;
      },
    );
    this.#underWay.add(sent);
    void sent.then(() => this.#underWay.delete(sent));
    return sent;
  }

  takeAnswerTimes(): number[] {
    const times = this.#answerTimes;
    this.#answerTimes = [];
    return times;
  }

  /** Sends to everyone, again and again until it is accepted; resolves when each has applied it, which it can only when it is back. */
  async seenByAll(): Promise<void> {
    for (;;) {
      const id = await this.send({ everyone: true });
      const isSeen = () => this.people.every(({ applied }) => id !== null && applied.has(id));
      while (id !== null && !isSeen() && !this.#isOver) await pause(20);
      if (id !== null || this.#isOver) return;
      await pause(100);
    }
  }

  /** Those who are not connected, as a sentence. */
  get missing(): string {
    const missing = this.people.filter(({ client }) => client.state.status !== 'connected');
    return missing.map(({ id, log }) => `${id} (${log.at(-1)})`).join(', ') || 'nobody is missing';
  }

  get waiting(): number {
    return this.#underWay.size;
  }

  /** The number of messages that were accepted since the last judgement. */
  get accepted(): number {
    return this.#accepted.length;
  }

  /** Resolves when all that was sent was answered. */
  async answered(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Waits for every answer, and until every client is connected and has what it is owed, at most so many ms; then judges, and begins anew. */
  async judge(withinMs: number): Promise<Verdict> {
    await this.answered();
    const owed = this.people.map((person) => this.#accepted.filter(({ to }) => person.isFor(to)));
    const end = Date.now() + withinMs;
    const isQuiet = () =>
      this.people.every(
        ({ client, applied }, n) =>
          client.state.status === 'connected' && (owed[n] ?? []).every(({ id }) => applied.has(id)),
      );
    while (!isQuiet() && Date.now() < end) await pause(100);
    await pause(500);
    const verdict = this.#verdict(owed);
    for (const person of this.people) {
      person.applied.clear();
      person.appliedTwice = 0;
      person.outOfOrder = 0;
    }
    this.#accepted = [];
    this.#refused = [];
    return verdict;
  }

  #verdict(owed: readonly (readonly Accepted[])[]): Verdict {
    const audienceOf = new Map(this.#accepted.map(({ id, to }) => [id, to]));
    const verdict: Verdict = {
      ...{ accepted: this.#accepted.length, delivered: 0 },
      ...{ lost: 0, appliedTwice: 0, outOfOrder: 0, notTheirs: 0 },
      stories: [],
    };
    for (const [n, person] of this.people.entries()) {
      const { applied } = person;
      const lost = (owed[n] ?? []).filter(({ id }) => !applied.has(id));
      verdict.delivered += applied.size;
      verdict.lost += lost.length;
      verdict.stories.push(...lost.slice(0, 3).map((one) => story(one, person)));
      verdict.appliedTwice += person.appliedTwice;
      verdict.outOfOrder += person.outOfOrder;
      // A message whose acceptance nobody was told may be stored all the same, but then for these people too.
      verdict.notTheirs += [...applied].filter((id) => {
        const to = audienceOf.get(id);
        return to ? !person.isFor(to) : !this.#refused.some((refused) => person.isFor(refused));
      }).length;
    }
    return verdict;
  }

  async end(): Promise<void> {
    this.#isOver = true;
    for (const { client } of this.people) client.disconnect();
    await this.#sender.close();
  }
}

const story = ({ id, rev, to, at }: Accepted, person: Person): string =>
  [
    `${id} (rev ${rev}) was accepted at ${clock(at)} for ${JSON.stringify(to)}, and never came to ${person.id},`,
    `whose newest rev is ${person.rev}. Its connection:`,
    ...person.log.map((line) => `  ${line}`),
  ].join('\n');
