import pg from 'pg';
import type { PostgresAddress } from './address.ts';
import { connectionOptions, PostgresClient } from './client.ts';
import { reading } from './settings.ts';

/** The connections that read, and that write what gives out no rev. They are kept, with what is prepared on them. */
export class ConnectionPool extends pg.Pool {
  readonly #clients = new Set<PostgresClient>();

  /** @param connections how many there are at most */
  constructor(address: PostgresAddress, connections: number) {
    /** Reads the address when it connects: TLS that is only preferred may have been given up since the pool was made. */
    class PooledClient extends PostgresClient {
      constructor() {
        super(connectionOptions(address));
      }
    }
    super({
      ...connectionOptions(address),
      ...{ max: connections, idleTimeoutMillis: 0 },
      Client: PooledClient as unknown as new () => pg.ClientBase,
    });
    this.options.onConnect = (client) => this.#prepare(client as unknown as PostgresClient);
    this.on('error', () => {}); // one that breaks while it rests is replaced when it is needed
  }

  async #prepare(client: PostgresClient): Promise<void> {
    this.#clients.add(client);
    client.once('end', () => this.#clients.delete(client));
    await client.applySettings(reading);
  }

  /** Gives up all connections, since the server was found not to answer: whoever waits on one gets the error at once. */
  abandon(): void {
    for (const client of this.#clients) client.abandon();
  }
}
