import { createTidingsClient, type TidingsClient } from '@tidings/client';
import type { Sender } from '@tidings/sender';

/** The recipients of a message. */
export type Audience = { user: string } | { role: string } | { everyone: true };

export const random = (below: number): number => Math.floor(Math.random() * below);
const roles: readonly string[] = ['clerk', 'auditor', 'treasurer'];

/** Mostly one of so many people, now and then a role or everyone. */
export function anyAudience(people: number): Audience {
  const dice = random(20);
  if (dice === 0) return { everyone: true };
  return dice < 4 ? { role: roles[random(roles.length)] as string } : { user: `p${random(people)}` };
}

/** The result, when all is quiet. Every number but `accepted` and `delivered` is to be 0. */
export interface Verdict {
  accepted: number;
  delivered: number;
  lost: number;
  appliedTwice: number;
  outOfOrder: number;
  notTheirs: number;
}

interface Accepted {
  id: string;
  to: Audience;
}

/** One person with one client, and the frames that the client gave to the application. */
class Person {
  readonly id: string;
  readonly role: string;
  readonly client: TidingsClient;
  readonly applied: string[] = [];
  appliedTwice = 0;
  outOfOrder = 0;
  readonly #seen = new Set<string>();
  readonly #newest = new Map<string, number>();
  #rev = 0;

  constructor(id: string, role: string, client: TidingsClient) {
    this.id = id;
    this.role = role;
    this.client = client;
    client.on('oracle_probe', (frame) => {
      const { stream, step } = frame.data as { stream: string; step: number };
      if (this.#seen.has(frame.id)) this.appliedTwice++;
      // In the one sequence, and in the order in which its author sent to this audience.
      if (frame.rev <= this.#rev || step <= (this.#newest.get(stream) ?? -1)) this.outOfOrder++;
      this.#seen.add(frame.id);
      this.#newest.set(stream, step);
      this.#rev = frame.rev;
      this.applied.push(frame.id);
    });
  }

  isFor(to: Audience): boolean {
    if ('user' in to) return to.user === this.id;
    return 'role' in to ? to.role === this.role : true;
  }
}

/**
 * Writes down every id that was answered "accepted"; when all is quiet, each client must have applied exactly what was
 * accepted for it, once each, in order.
 */
export class Oracle {
  readonly people: Person[] = [];
  readonly #accepted: Accepted[] = [];
  readonly #refused: { to: Audience }[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #steps = new Map<string, number>();
  readonly #sender: Sender;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** Connects so many people, each with one of the roles, to the servers in turn; resolves when all have caught up. */
  async connect(count: number, urls: readonly string[], token: (id: string, role: string) => string): Promise<void> {
    for (let n = 0; n < count; n++) {
      const [id, role] = [`p${n}`, roles[n % roles.length] as string];
      const client = createTidingsClient({
        url: urls[n % urls.length] as string,
        token: token(id, role),
        reconnect: { minDelayMs: 50, maxDelayMs: 400 },
        logger: { warn() {}, error: console.error },
      });
      this.people.push(new Person(id, role, client));
    }
    await Promise.all(this.people.map(({ client }) => client.connect()));
  }

  /** Sends, without waiting for the answer. */
  send(to: Audience): void {
    const stream = JSON.stringify(to);
    const step = this.#steps.get(stream) ?? 0;
    this.#steps.set(stream, step + 1);
    const sent = this.#sender.notify({ to, type: 'oracle_probe', data: { stream, step } }).then(
      ({ id }) => void this.#accepted.push({ id, to }),
      () => void this.#refused.push({ to }),
    );
    this.#underWay.add(sent);
    void sent.then(() => this.#underWay.delete(sent));
  }

  get waiting(): number {
    return this.#underWay.size;
  }

  /** Waits for every answer, and until every client is connected and has what it is owed, at most so many ms; then judges. */
  async judge(withinMs: number): Promise<Verdict> {
    await Promise.all(this.#underWay);
    const owed = this.people.map((person) => this.#accepted.filter(({ to }) => person.isFor(to)).map(({ id }) => id));
    const end = Date.now() + withinMs;
    const isQuiet = () =>
      this.people.every(
        ({ client, applied }, n) => client.state.status === 'connected' && applied.length >= (owed[n]?.length ?? 0),
      );
    while (!isQuiet() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => setTimeout(resolve, 500));
    return this.#verdict(owed);
  }

  #verdict(owed: readonly (readonly string[])[]): Verdict {
    const audienceOf = new Map(this.#accepted.map(({ id, to }) => [id, to]));
    const verdict = {
      accepted: this.#accepted.length,
      delivered: 0,
      lost: 0,
      appliedTwice: 0,
      outOfOrder: 0,
      notTheirs: 0,
    };
    for (const [n, person] of this.people.entries()) {
      const applied = new Set(person.applied);
      verdict.delivered += applied.size;
      verdict.lost += (owed[n] ?? []).filter((id) => !applied.has(id)).length;
      verdict.appliedTwice += person.appliedTwice;
      verdict.outOfOrder += person.outOfOrder;
      // A message whose acceptance nobody was told may be stored all the same, but then for these people too.
      verdict.notTheirs += [...applied].filter((id) => {
        const to = audienceOf.get(id);
        return to ? !person.isFor(to) : !this.#refused.some((refused) => person.isFor(refused.to));
      }).length;
    }
    return verdict;
  }

  async end(): Promise<void> {
    for (const { client } of this.people) client.disconnect();
    await this.#sender.close();
  }
}
