import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import type { Head } from '../../domain/ports.ts';
import type { Applied, WriteGroup } from '../engine.ts';
import type { PostgresAddress } from './address.ts';
import { appliedOf } from './answer.ts';
import { connectionOptions, PostgresClient } from './client.ts';
import { commitFailure, connectFailure, fateOf, readOnly } from './failure.ts';
import { applyParams } from './request.ts';
import { segmentsOf } from './segments.ts';
import { writing } from './settings.ts';

const calls = {
  begin: { name: 'tidings_begin', text: 'call tidings_begin($1::json)' },
  apply: {
    name: 'tidings_apply',
    text: `call tidings_apply($1::json, $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
      $8::text[], $9::text[], $10::bigint[], $11::text[], $12::boolean[], $13::text[], $14::text[], $15::text[],
      $16::int[])`,
  },
};

/** Is given up after a while, ms, that is longer than it may take to count as an answer. */
const probe = {
  ...{ name: 'tidings_probe', text: "select current_setting('transaction_read_only') as readonly" },
  query_timeout: 3_000,
};

/** How long after a connection that failed the next is tried, ms, so that a server that starts is left to it. */
const pauseBetweenTries = 100;

/**
 * The one connection that commits. One that broke is replaced before the next commit; since the server may be another one
 * by then, or stand elsewhere, each begins with asking whether the history goes on.
 */
export class PostgresWriter {
  readonly #address: PostgresAddress;
  #connecting: Promise<PostgresClient> | null = null;
  #client: PostgresClient | null = null;
  #nextTry = 0;
  readonly #underWay = new Set<Promise<unknown>>();
  /** Where the sequence was last seen: a head below it is another history. */
  #at: Head = { term: '', head: 0, floor: 0 };

  constructor(address: PostgresAddress) {
    this.#address = address;
  }

  /** Connects, and tells where the sequence stands. */
  async open(): Promise<Head> {
    await this.#connected();
    return this.#at;
  }

  apply(groups: readonly WriteGroup[]): Promise<Applied> {
    const commit = this.#apply(groups);
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

  async #apply(groups: readonly WriteGroup[]): Promise<Applied> {
    const segments = segmentsOf(groups);
    const client = await this.#connected().catch((error: Error) => {
      throw connectFailure(this.#address, error);
    });
    const values = applyParams(segments, this.#at.head);
    try {
      const applied = appliedOf(await call(client, { ...calls.apply, values }), segments);
      this.#at.head = applied.to;
      return applied;
    } catch (error) {
      const fate = await fateOf(client, error);
      if (fate !== 'undone') this.#drop(client);
      throw commitFailure(error, fate);
    }
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
      await client.settle(writing);
      const io = { term: randomBytes(9).toString('base64url'), seen: this.#at.head };
      this.#at = JSON.parse(await call(client, { ...calls.begin, values: [JSON.stringify(io)] }));
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
