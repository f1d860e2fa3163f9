import type { Socket } from 'node:net';
import pg from 'pg';
import type { PostgresAddress } from './address.ts';
import { type Settings, settingsQuery } from './settings.ts';

/** Time limit of a statement's answer, ms, whatever the network does. */
const answerTimeout = 15_000;
const connectTimeout = 10_000;
/** Time limit of ending a connection, ms. */
const goodbyeTimeout = 1_000;

/** The types smallint, integer and bigint. */
const integers = new Set([21, 23, 20]);

/**
 * The options of a connection that reads or writes. Rows come as texts and, if they are small enough, numbers.
 * @param isPipelined whether a statement is sent while the one before it is under way
 */
export const connectionOptions = ({ config }: PostgresAddress, isPipelined = false): pg.ClientConfig => ({
  application_name: 'tidings',
  connectionTimeoutMillis: connectTimeout,
  ...config,
  query_timeout: answerTimeout,
  pipeline: isPipelined,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  types: { getTypeParser: (oid: number) => (integers.has(oid) ? Number : String) },
});

/**
 * A connection that knows whether a server answers it directly, or a pooler that gives each of its transactions to any of
 * its own connections: there it names no statement and changes no setting, which others would find.
 */
export class PostgresClient extends pg.Client {
  #isDirect = false;

  constructor(config: pg.ClientConfig) {
    super(config);
    // A connection that breaks rejects the queries that wait; others find it broken when they use it.
    this.on('error', () => {});
    const end = this.end.bind(this) as (...args: unknown[]) => unknown;
    this.end = ((...args: unknown[]) => {
      // A server that is stopped, or a network that is gone, never says goodbye.
      const timer = setTimeout(() => this.abandon(), goodbyeTimeout);
      this.once('end', () => clearTimeout(timer));
      timer.unref();
      return end(...args);
    }) as typeof this.end;
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((first: unknown, ...rest: unknown[]) => query(withoutName(first), ...rest)) as typeof this.query;
  }

  get isDirect(): boolean {
    return this.#isDirect;
  }

  /** Looks who answers, and makes the settings of a session where it is a server. A pooler names another process than the one it asks. */
  async applySettings(settings: Settings): Promise<void> {
    const { processID } = this as unknown as { processID: number };
    const { rows } = await this.query(
      `select ${settingsQuery(settings, false)} where pg_backend_pid() = ${Number(processID)}`,
    );
    this.#isDirect = rows.length > 0;
    if (this.#isDirect) this.query = super.query;
  }

  /** Ends it without a word, as for a peer that does not answer. */
  abandon(): void {
    (this as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
  }
}

function withoutName(query: unknown): unknown {
  if (typeof (query as { name?: unknown }).name !== 'string') return query;
  const { name: _, ...unnamed } = query as { name: string };
  return unnamed;
}
