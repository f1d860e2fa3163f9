import type { Head } from '../../domain/store/history.ts';
import type { Applied, Attempt, SqlEngine, WriteGroup } from '../engine.ts';
import { statements } from '../statements.ts';
import type { AnyRow, ReadStep, Step } from '../steps.ts';
import { PostgresAddress } from './address.ts';
import { postgresCompiler } from './dialect.ts';
import { isUnanswered, openFailure, probeFailure } from './failure.ts';
import { ConnectionPool } from './pool.ts';
import { prepareDatabase } from './prepare.ts';
import { PostgresReader } from './reader.ts';
import { PostgresUpkeep } from './upkeep.ts';
import { PostgresWriter } from './writer.ts';

/** The connections of a process beside the one that commits: for reads, and for reads that plans are made from. */
const connections = { reads: 4, plans: 1 };

/** PostgreSQL, which any number of processes may share: one connection commits, a few read. Each is replaced when it breaks. */
export class PostgresEngine implements SqlEngine {
  readonly isShared = true;
  readonly hasOutbox = true;
  readonly #address: PostgresAddress;
  readonly #now: (() => number) | null;
  readonly #pool: ConnectionPool;
  readonly #plans: ConnectionPool;
  readonly #writer: PostgresWriter;
  readonly #reader: PostgresReader;
  readonly #upkeep: PostgresUpkeep;
  #closed: Promise<void> | null = null;

  /**
   * @param url `postgres://user:password@host:port/database`
   * @param now the clock by which scheduled notifications, snoozes and expiries are due. Default: the server's
   */
  constructor(url: string, now: (() => number) | null = null) {
    const texts = statements(postgresCompiler());
    this.#address = new PostgresAddress(url);
    this.#now = now;
    this.#pool = new ConnectionPool(this.#address, connections.reads);
    this.#plans = new ConnectionPool(this.#address, connections.plans);
    this.#writer = new PostgresWriter(this.#address, this.#plans);
    this.#reader = new PostgresReader(this.#pool, texts);
    this.#upkeep = new PostgresUpkeep(this.#address, this.#pool, texts);
  }

  async open(): Promise<Head> {
    await prepareDatabase(this.#address);
    try {
      return await this.#writer.open();
    } catch (error) {
      throw openFailure(this.#address, error);
    }
  }

  apply(groups: readonly WriteGroup[]): Promise<Applied> {
    return this.#writer.apply(groups);
  }

  read(steps: readonly ReadStep[]): Promise<AnyRow[][]> {
    return this.#reader.read(steps);
  }

  list(steps: readonly ReadStep[]): Promise<AnyRow[][]> {
    return this.read(steps);
  }

  write(steps: readonly Step[]): Promise<AnyRow[][]> {
    return this.#upkeep.write(steps);
  }

  writeUnsynced(steps: readonly Step[]): Promise<AnyRow[][]> {
    return this.#upkeep.writeUnsynced(steps);
  }

  rehearse(attempt: Attempt): Promise<void> {
    return 'groups' in attempt ? this.#writer.rehearse(attempt.groups) : this.#upkeep.rehearse(attempt.steps);
  }

  delivered(marks: readonly [string, number][]): Promise<void> {
    return this.#upkeep.delivered(marks);
  }

  forgetRetractions(before: number, limit: number): Promise<number> {
    return this.#upkeep.forgetRetractions(before, limit);
  }

  async now(): Promise<number> {
    return this.#now ? this.#now() : this.#upkeep.now();
  }

  async probe(): Promise<void> {
    try {
      await this.#writer.probe();
    } catch (error) {
      if (isUnanswered(error)) for (const pool of [this.#pool, this.#plans]) pool.abandon();
      throw probeFailure(this.#address, error);
    }
  }

  /** A connection that broke is replaced, and a server that is away may come back. */
  trouble(): null {
    return null;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#writer.close();
    await Promise.all([this.#pool.end(), this.#plans.end()]);
  }
}
