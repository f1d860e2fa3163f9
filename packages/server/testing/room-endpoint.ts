import { TidingsError } from '@tidings/protocol';
import type { Connection, ConnectionEvents } from '../src/session/connection.ts';
import type { Endpoint } from '../src/session/endpoint.ts';

/** An endpoint of another kind than the server's: it admits some users only, and keeps every message as it came. */
export class RoomEndpoint implements Endpoint {
  readonly received: (string | Buffer)[] = [];
  readonly connections: Connection[] = [];
  readonly #members: readonly string[];

  constructor(members: readonly string[]) {
    this.#members = members;
  }

  match(path: string): boolean {
    return /^\/ws\/room\/[a-z]+$/.test(path);
  }

  async authorize({ id }: { id: string }): Promise<TidingsError | null> {
    return this.#members.includes(id) ? null : new TidingsError('forbidden', `${id} is no member of this room`);
  }

  open(connection: Connection): ConnectionEvents {
    this.connections.push(connection);
    const keep = (message: string | Buffer): void => void this.received.push(message);
    return { receive: keep, receiveBinary: keep, alive() {}, drained() {}, closed() {} };
  }
}
