import { HttpClient } from './http-client.ts';
import type { Load, PublishPorts, PublishTarget } from './messages.ts';
import { monotonicMicros } from './monotonic.ts';
import { publishBody } from './notification.ts';

/** As our sender gathers: calls of so many ms go in one request, and so many requests are under way at once. */
const gatherMs = 2;
const requestsAtOnce = 4;

/** The answer of Centrifugo to one command of a batch. */
interface Reply {
  publish?: object;
}

interface Call {
  body: string;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** Publishes through Centrifugo's `/api/batch`, which takes any number of commands (https://centrifugal.dev/docs/server/server_api#batch). */
export async function gatheredPorts(
  target: PublishTarget,
  load: Load,
  count: number,
  sockets: number,
): Promise<PublishPorts> {
  const open = () => HttpClient.open(target.url, '/api/batch', target.headers);
  const clients = await Promise.all(Array.from({ length: requestsAtOnce }, open));
  const batches = new Batches(clients);
  const port = {
    publish: (number: number) => batches.add(publishBody(target.form, load, number, monotonicMicros(), sockets)),
  };
  return {
    ports: Array.from({ length: count }, () => port),
    async close() {
      for (const client of clients) client.close();
    },
  };
}

/**
 * Publishes these bodies in one request. Rejects if Centrifugo did not take it.
 *
 * @returns a reply for each
 */
export async function postBatch(client: HttpClient, bodies: readonly string[]): Promise<Reply[]> {
  const commands = bodies.map((body) => `{"publish":${body}}`);
  const { status, body } = await client.post(`{"commands":[${commands.join()}]}`);
  const { replies } = status === 200 ? JSON.parse(body) : {};
  if (!replies) throw new Error(`${status}: ${body}`);
  return replies;
}

class Batches {
  readonly #idle: HttpClient[];
  #calls: Call[] = [];
  #isGathering = false;

  constructor(clients: readonly HttpClient[]) {
    this.#idle = [...clients];
  }

  /** Resolves once the server has accepted it. */
  add(body: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#calls.push({ body, resolve, reject });
      this.#gather();
    });
  }

  #gather(): void {
    if (this.#isGathering || this.#calls.length === 0 || this.#idle.length === 0) return;
    this.#isGathering = true;
    setTimeout(() => {
      this.#isGathering = false;
      void this.#send(this.#idle.pop() as HttpClient, this.#calls.splice(0));
    }, gatherMs);
  }

  async #send(client: HttpClient, calls: readonly Call[]): Promise<void> {
    try {
      const replies = await postBatch(
        client,
        calls.map(({ body }) => body),
      );
      for (const [i, { resolve, reject }] of calls.entries()) {
        if (replies[i]?.publish) resolve();
        else reject(new Error(JSON.stringify(replies[i])));
      }
    } catch (error) {
      for (const { reject } of calls) reject(error as Error);
    }
    this.#idle.push(client);
    this.#gather();
  }
}
