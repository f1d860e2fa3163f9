import type pg from 'pg';
import type { Statements } from '../statements.ts';
import type { AnyRow, Step } from '../steps.ts';
import type { PostgresAddress } from './address.ts';
import { decodeText, encodeJson } from './characters.ts';
import type { PostgresClient } from './client.ts';
import { commitFailure, connectFailure, fateOf } from './failure.ts';
import { encodedValues } from './reader.ts';

/** The most tries of a write that collides with others: one of them gets through each time. */
const tries = 100;
const uniqueViolation = '23505';

/** Writes beside commits. */
export class PostgresUpkeep {
  readonly #address: PostgresAddress;
  readonly #pool: pg.Pool;
  readonly #statements: Statements;

  constructor(address: PostgresAddress, pool: pg.Pool, statements: Statements) {
    this.#address = address;
    this.#pool = pool;
    this.#statements = statements;
  }

  write(steps: readonly Step[]): Promise<AnyRow[][]> {
    return this.#onConnection(async (client) => {
      if (steps.length === 1 && client.isDirect) return [await this.#run(client, steps[0] as Step)];
      return this.#inTransaction(client, steps, 'commit');
    });
  }

  /** The same, without waiting for the disk. */
  writeUnsynced(steps: readonly Step[]): Promise<AnyRow[][]> {
    return this.#onConnection((client) =>
      this.#inTransaction(client, steps, 'commit', 'set local synchronous_commit = off'),
    );
  }

  /** The same, undone. */
  async rehearse(steps: readonly Step[]): Promise<void> {
    await this.#onConnection((client) => this.#inTransaction(client, steps, 'rollback'));
  }

  async delivered(marks: readonly [string, number][]): Promise<void> {
    await this.#call('tidings_delivered', marks);
  }

  async forgetRetractions(before: number, limit: number): Promise<number> {
    return Number(await this.#call('tidings_forget_retractions', { before, limit }));
  }

  async now(): Promise<number> {
    const text = 'select (extract(epoch from clock_timestamp()) * 1000)::bigint as now';
    const { rows } = await this.#onConnection((client) => client.query<{ now: number }>({ name: 'tidings_now', text }));
    return Number(rows[0]?.now);
  }

  /** @param setting holds for the transaction alone */
  async #inTransaction(
    client: PostgresClient,
    steps: readonly Step[],
    end: 'commit' | 'rollback',
    setting = '',
  ): Promise<AnyRow[][]> {
    await client.query(`begin; select tidings_apply_settings(); ${setting}`);
    const found: AnyRow[][] = [];
    for (const step of steps) found.push(await this.#run(client, step));
    await client.query(end);
    return found;
  }

  async #run(client: PostgresClient, { name, params }: Step): Promise<AnyRow[]> {
    const statement = this.#statements[name];
    const query = { name: `tidings_${name}`, text: statement.sql, values: encodedValues(statement, params) };
    const { rows } = await client.query<AnyRow>(query);
    return rows.map(decoded);
  }

  #call(procedure: string, io: unknown): Promise<string> {
    return this.#onConnection(async (client) => {
      const query = { name: procedure, text: `call ${procedure}($1::json)`, values: [encodeJson(io)] };
      const { rows } = await client.query<{ io: string }>(query);
      return (rows[0] as { io: string }).io;
    });
  }

  /** Does something on a connection of its own, which is given up where nobody knows how it stands. */
  async #onConnection<T>(run: (client: PostgresClient) => Promise<T>, left = tries): Promise<T> {
    const connected = await this.#pool.connect().catch((error: Error) => {
      throw connectFailure(this.#address, error);
    });
    const client = connected as unknown as PostgresClient & pg.PoolClient;
    try {
      const result = await run(client);
      client.release();
      return result;
    } catch (error) {
      const fate = await fateOf(client, error);
      client.release(fate !== 'undone');
      if ((error as { code?: string }).code === uniqueViolation && left > 1) return this.#onConnection(run, left - 1);
      throw commitFailure(error, fate);
    }
  }
}

const decoded = (row: AnyRow): AnyRow =>
  Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, typeof value === 'string' ? decodeText(value) : value]),
  ) as unknown as AnyRow;
