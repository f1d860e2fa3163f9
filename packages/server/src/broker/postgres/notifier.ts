import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { PostgresAddress } from '../../store/postgres/address.ts';
import { connectionOptions, PostgresClient } from '../../store/postgres/client.ts';
import { linkFailure } from '../../store/postgres/failure.ts';

/** Time limit of one statement, ms; after it the connection is replaced. */
const answerTimeout = 2_000;
/** Time limit of connecting, ms. */
const connectTimeout = 10_000;
/** The most payloads that wait. */
const queueLimit = 10_000;
/** The most payloads in one statement. */
const batchLimit = 500;
/** Time for which a close waits for payloads on their way, ms. */
const closeTimeout = 1_000;

/**
 * Sends notifications in order, on a connection of its own that never opens a transaction. Payloads that come while a statement is under way
 * go together with the next. What could not be sent is lost.
 */
export class PostgresNotifier {
  readonly #address: PostgresAddress;
  readonly #pool: pg.Pool;
  /** The one connection, or the one that is being made. */
  #client: PostgresClient | null = null;
  #channel: string | null = null;
  #queue: (() => string)[] = [];
  #sending: Promise<void> | null = null;
  #failure: string | null = null;

  constructor(address: PostgresAddress) {
    this.#address = address;
    const made = (client: PostgresClient) => {
      this.#client = client;
    };
    /** Reads the address when it connects: TLS that is only preferred may have been given up since. */
    class NotifyingClient extends PostgresClient {
      constructor() {
        super({ ...connectionOptions(address), query_timeout: answerTimeout });
        made(this);
      }
    }
    this.#pool = new pg.Pool({
      ...{ max: 1, idleTimeoutMillis: 0, connectionTimeoutMillis: connectTimeout },
      Client: NotifyingClient as unknown as new () => pg.ClientBase,
    });
    this.#pool.on('error', () => {}); // one that breaks while it rests is replaced when it is needed
  }

  /** The reason for which the last payloads could not be sent; null if they were. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Sends to this channel from now on; before, everything waits. */
  use(channel: string): void {
    this.#channel = channel;
  }

  /** False before there is a channel, and where so many wait that one more had better be lost than sent much later. */
  get hasRoom(): boolean {
    return this.#channel !== null && this.#queue.length < queueLimit;
  }

  /** @param payload made at the moment at which it is sent */
  send(payload: () => string): void {
    this.#queue.push(payload);
    if (this.#channel !== null) this.#sending ??= this.#sendAll(this.#channel);
  }

  async close(): Promise<void> {
    await Promise.race([this.#sending, pause(closeTimeout, undefined, { ref: false })]);
    this.#queue = [];
    const ended = this.#pool.end();
    await Promise.race([ended, pause(closeTimeout, undefined, { ref: false })]);
    // The pool would wait for a connection that is being made.
    this.#client?.abandon();
    await ended;
  }

  async #sendAll(channel: string): Promise<void> {
    // So that what is sent in one turn of the event loop goes together.
    await null;
    while (this.#queue.length > 0) {
      const payloads = this.#queue.splice(0, batchLimit).map((payload) => payload());
      try {
        await this.#pool.query('select pg_notify($1, p) from unnest($2::text[]) p', [channel, payloads]);
        this.#failure = null;
      } catch (error) {
        this.#failure = linkFailure(this.#address, error);
      }
    }
    this.#sending = null;
  }
}
