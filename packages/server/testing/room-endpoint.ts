import { TidingsError } from '@tidings/protocol';
import type { Connection, ConnectionEvents } from '../src/session/connection.ts';
import type { Endpoint } from '../src/session/endpoint.ts';

/** An endpoint of another kind than the server's: for some users only, and all it hears is kept as it came. */
export class RoomEndpoint implements Endpoint {
  readonly heard: (string | Buffer)[] = [];
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
    const keep = (message: string | Buffer): void => void this.heard.push(message);
    return { receive: keep, receiveBinary: keep, alive() {}, drained() {}, closed() {} };
  }
}
