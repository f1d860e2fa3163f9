import { createHash } from 'node:crypto';
import type { PostgresAddress } from '../../store/postgres/address.ts';
import { connectionOptions, PostgresClient } from '../../store/postgres/client.ts';
import { linkFailure } from '../../store/postgres/failure.ts';

/** Time limit of the last statement, ms. */
const goodbyeTimeout = 1_000;

/** The one channel of all nodes whose tables are in a schema. PostgreSQL keeps the channels of each database apart by itself. */
function channelOf(schema: string): string {
  return `tidings_${createHash('sha256').update(schema).digest('hex').slice(0, 24)}`;
}

/** A connection that listens, and sends nothing more: so a pooler shows itself by giving it nothing. */
export class PostgresListener {
  readonly channel: string;
  /** False if a pooler answers in the place of the server. */
  readonly isDirect: boolean;
  /** Resolves with the reason once the connection is gone. */
  readonly gone: Promise<string>;
  readonly #client: PostgresClient;

  private constructor(client: PostgresClient, gone: Promise<string>, channel: string, isDirect: boolean) {
    this.#client = client;
    this.gone = gone;
    this.channel = channel;
    this.isDirect = isDirect;
  }

  /** Connects and listens. Rejects if that cannot be done now; gives up TLS where the server has none and it is only preferred. */
  static async open(
    address: PostgresAddress,
    onPayload: (payload: string) => void,
    signal: AbortSignal,
  ): Promise<PostgresListener> {
    const client = new PostgresClient(connectionOptions(address));
    client.on('notification', ({ payload = '' }) => onPayload(payload));
    const gone = goneOf(client, address);
    const abandon = () => client.abandon();
    signal.addEventListener('abort', abandon);
    try {
      await client.connect();
      const { schema, isDirect } = await prepare(client);
      const channel = channelOf(schema);
      await client.query(`listen ${channel}`);
      return new PostgresListener(client, gone, channel, isDirect);
    } catch (error) {
      abandon();
      if (/does not support SSL/.test((error as Error).message) && address.giveUpTls()) {
        return PostgresListener.open(address, onPayload, signal);
      }
      throw error;
    } finally {
      signal.removeEventListener('abort', abandon);
    }
  }

  /** Takes back what a pooler may have left listening on one of the server's connections, then ends the connection. */
  async close(): Promise<void> {
    const unlisten = { text: `unlisten ${this.channel}`, query_timeout: goodbyeTimeout };
    if (!this.isDirect) await this.#client.query(unlisten).catch(() => {});
    await this.#client.end().catch(() => {});
  }

  /** Ends it without a word, as for a server that does not answer. */
  abandon(): void {
    this.#client.abandon();
  }
}

/** A server that is told to stop says so before it closes: the first reason is the one to tell. */
function goneOf(client: PostgresClient, address: PostgresAddress): Promise<string> {
  return new Promise((resolve) => {
    client.on('error', (error) => resolve(linkFailure(address, error)));
    client.on('end', () => resolve('it was closed'));
  });
}

/** Keeps the server from ending a session that says nothing, and finds the schema that the tables are in. */
async function prepare(client: PostgresClient): Promise<{ schema: string; isDirect: boolean }> {
  const { processID } = client as unknown as { processID: number };
  const { rows } = await client.query<{ schema: string; pid: number }>(
    `select current_schema() as schema, pg_backend_pid() as pid, (select set_config(name, '0', false) from pg_settings
      where name = 'idle_session_timeout' and pg_backend_pid() = ${Number(processID)})`,
  );
  const { schema, pid } = rows[0] as (typeof rows)[0];
  return { schema, isDirect: pid === processID };
}
