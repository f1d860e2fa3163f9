import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { TidingsError } from '@tidings/protocol';
import type pg from 'pg';
import type { Head } from '../../domain/store/history.ts';
import { type Applied, Contended, type WriteGroup } from '../engine.ts';
import { appliedOf, type Plan } from '../plan/plan.ts';
import type { PostgresAddress } from './address.ts';
import { type Answer, applyQuery, readAnswer, statesOf } from './apply-call.ts';
import { connectionOptions, PostgresClient } from './client.ts';
import { commitFailure, connectFailure, fateOf, planFailure, readOnly } from './failure.ts';
import { Planner, type Planning } from './planner.ts';
import { writing } from './settings.ts';

const beginQuery = { name: 'tidings_begin', text: 'call tidings_begin($1::json)' };

/** Is given up after a while, ms, that is longer than it may take to count as an answer. */
const probe = {
  ...{ name: 'tidings_probe', text: "select current_setting('transaction_read_only') as readonly" },
  query_timeout: 3_000,
};

interface Sending {
  /** True for a commit that is to be undone. */
  isRehearsal: boolean;
  /** Called when the commit was sent. */
  sent(): void;
}

/** Pause after a connection that failed, ms, so that a starting server is left to start. */
const pauseBetweenTries = 100;

/** The most plans of a batch that others were faster than, and of a group of writes by itself. */
const plansOfBatch = 5;
const plansOfGroup = 100;

/**
 * The one connection that commits. One that broke is replaced before the next commit; since the server may be another one
 * by then, or stand elsewhere, each begins with asking whether the history goes on.
 */
export class PostgresWriter {
  readonly #address: PostgresAddress;
  readonly #planner: Planner;
  #connecting: Promise<PostgresClient> | null = null;
  #client: PostgresClient | null = null;
  #nextTry = 0;
  readonly #underWay = new Set<Promise<unknown>>();
  /** Resolves when the newest commit was sent, or will not be. */
  #sent: Promise<unknown> = Promise.resolve();
  /** The last known head of the sequence: one below it is another history. */
  #at: Head = { term: '', head: 0, floor: 0 };

  constructor(address: PostgresAddress, plans: pg.Pool) {
    this.#address = address;
    this.#planner = new Planner(plans);
  }

  /** Connects. @returns the head of the sequence */
  async open(): Promise<Head> {
    await this.#connected();
    return this.#at;
  }

  apply(groups: readonly WriteGroup[]): Promise<Applied> {
    return this.#counting(this.#apply(groups, false));
  }

  /** Does all of a commit but its end, and undoes it. Rejects as a commit does. */
  async rehearse(groups: readonly WriteGroup[]): Promise<void> {
    await this.#counting(this.#apply(groups, true));
  }

  #counting<T>(commit: Promise<T>): Promise<T> {
    this.#underWay.add(commit);
    return commit.finally(() => this.#underWay.delete(commit));
  }

  /** Asks the server whether it takes commits, on the connection that makes them. One that does not answer is given up. */
  async probe(): Promise<void> {
    if (this.#underWay.size > 0) {
      // A commit says as much.
      await Promise.allSettled(this.#underWay);
      return;
    }
    const client = await this.#connected();
    const { rows } = await client.query<{ readonly: string }>(probe);
    if (rows[0]?.readonly === 'off') return;
    this.#drop(client);
    throw Object.assign(new Error('no transaction may write'), { code: readOnly });
  }

  /** Commits are sent in the order of the calls; only one that others got ahead of is sent again after those behind it. */
  async #apply(groups: readonly WriteGroup[], isRehearsal: boolean): Promise<Applied> {
    const planning = this.#planner.begin(groups, this.#at.head);
    const { promise, resolve: sent } = Promise.withResolvers<void>();
    const turn = this.#sent;
    this.#sent = promise;
    try {
      for (let left = groups.length > 1 ? plansOfBatch : plansOfGroup; left > 0; left--) {
        const plan = await this.#plan(planning);
        await turn;
        const applied = await this.#commit(planning, plan, { isRehearsal, sent });
        if (applied) return applied;
      }
      throw new Contended();
    } finally {
      sent();
      planning.end();
    }
  }

  async #plan(planning: Planning): Promise<Plan> {
    try {
      return await planning.plan(this.#at.head);
    } catch (error) {
      throw error instanceof TidingsError ? error : planFailure(this.#address, error);
    }
  }

  /** @returns null if a row is another by now than the plan was made from, and so nothing was stored */
  async #commit(planning: Planning, plan: Plan, { isRehearsal, sent }: Sending): Promise<Applied | null> {
    if (!plan.hasChanges) return appliedOf(plan, plan.seen, new Map());
    const before = this.#at;
    const client = await this.#connected().catch((error: Error) => {
      throw connectFailure(this.#address, error);
    });
    if (this.#at !== before && plan.seen > this.#at.head) return null;
    try {
      const answering = call(client, applyQuery(plan, planning, isRehearsal));
      sent();
      return this.#applied(plan, readAnswer(await answering), isRehearsal);
    } catch (error) {
      if (error instanceof TidingsError) throw error;
      const fate = await fateOf(client, error);
      if (fate !== 'undone') this.#drop(client);
      throw commitFailure(error, fate);
    }
  }

  #applied(plan: Plan, answer: Answer, isRehearsal: boolean): Applied | null {
    if (!answer.expected) return null;
    const { head, term } = answer;
    if (!isRehearsal) this.#at.head = Math.max(this.#at.head, head + plan.head - plan.seen);
    return appliedOf(plan, head, statesOf(answer), term);
  }

  async close(): Promise<void> {
    const client = await this.#connecting?.catch(() => null);
    await client?.end();
  }

  #connected(): Promise<PostgresClient> {
    this.#connecting ??= this.#connect().catch((error) => {
      this.#connecting = null;
      this.#nextTry = performance.now() + pauseBetweenTries;
      throw error;
    });
    return this.#connecting;
  }

  async #connect(): Promise<PostgresClient> {
    await setTimeout(Math.max(0, this.#nextTry - performance.now()));
    const client = new PostgresClient(connectionOptions(this.#address, true));
    client.once('end', () => this.#drop(client));
    try {
      await client.connect();
      await client.applySettings(writing);
      const io = { term: randomBytes(9).toString('base64url'), seen: this.#at.head };
      this.#at = JSON.parse(await call(client, { ...beginQuery, values: [JSON.stringify(io)] }));
      this.#client = client;
      return client;
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
  }

  #drop(client: PostgresClient): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.#connecting = null;
    client.end().catch(() => {});
  }
}

/** Calls a procedure, and gives the text of its one answer. */
async function call(client: PostgresClient, query: pg.QueryConfig): Promise<string> {
  const { rows } = await client.query<{ io: string }>(query);
  return (rows[0] as { io: string }).io;
}
