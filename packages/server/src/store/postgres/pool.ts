import pg from 'pg';
import type { PostgresAddress } from './address.ts';
import { connectionOptions, PostgresClient } from './client.ts';
import { reading } from './settings.ts';

/** How many connections a process has beside the one that commits. */
const connections = 4;

/** The connections that read, and that write what gives out no rev. They are kept, with what is prepared on them. */
export class ConnectionPool extends pg.Pool {
  readonly #clients = new Set<PostgresClient>();

  constructor(address: PostgresAddress) {
    super({
      ...connectionOptions(address),
      ...{ max: connections, idleTimeoutMillis: 0 },
      Client: PostgresClient as unknown as new () => pg.ClientBase,
      onConnect: (client) => (client as unknown as PostgresClient).settle(reading),
    });
    this.on('error', () => {}); // one that breaks while it rests is replaced when it is needed
    this.on('connect', (client) => this.#clients.add(client as unknown as PostgresClient));
    this.on('remove', (client) => this.#clients.delete(client as unknown as PostgresClient));
  }

  /** Asks whether anything is answered. Where nothing is, all connections are given up: whoever waits on one is told at once. */
  async probe(): Promise<void> {
    try {
      await this.query(probe);
    } catch (error) {
      if (isUnanswered(error)) for (const client of this.#clients) client.abandon();
      throw error;
    }
  }
}

/** Is given up after a while, ms, that is longer than it may take to count as an answer. */
const probe = { text: 'select 1', query_timeout: 3_000 };

const isUnanswered = (error: unknown): boolean => (error as Error).message === 'Query read timeout';
