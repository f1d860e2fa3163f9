// The process of the clients of the connections play: they connect, are cut, and come back for what they missed.
import { setTimeout as pause } from 'node:timers/promises';
import { type Resuming, resuming } from '../jitter/resuming.ts';
import { SocketClient } from '../load/socket-client.ts';

export type ClientsOrder =
  | { do: 'open'; host: string; port: number; dialect: keyof typeof resuming; tokens: readonly string[] }
  | { do: 'hear'; number: number }
  | { do: 'cut' }
  | { do: 'return'; missed: number };

export type ClientsAnswer = { done: true } | { failed: string };

/** Connections that are made at a time. */
const atOnce = 64;
/** The silence after which a client is given up, ms. */
const patienceMs = 30_000;

const record = /"n":\d+,"at":/g;

class Client {
  /** Records that came over the present connection. */
  heard = 0;
  readonly #resuming: Resuming;
  readonly #open: (client: Client, kind: Resuming) => SocketClient;
  #socket: SocketClient | null = null;
  #isGreeted = false;
  #wanted = 0;
  #done: () => void = () => {};

  constructor(kind: Resuming, open: (client: Client, kind: Resuming) => SocketClient) {
    this.#resuming = kind;
    this.#open = open;
  }

  /** Resolves when it is greeted and has heard what it missed. */
  async connect(missed: number): Promise<void> {
    [this.heard, this.#isGreeted, this.#wanted] = [0, false, missed];
    const limit = new AbortController();
    const late = pause(patienceMs, null, { signal: limit.signal, ref: false }).then(() => {
      throw new Error(`a client had ${this.heard} of ${missed} records after ${patienceMs / 1000} s`);
    });
    const done = new Promise<void>((resolve) => {
      this.#done = resolve;
    });
    this.#socket = this.#open(this, this.#resuming);
    try {
      await Promise.race([done, late]);
    } finally {
      late.catch(() => {});
      limit.abort();
    }
  }

  cut(): void {
    this.#socket?.cut();
  }

  read(text: string): void {
    this.heard += text.match(record)?.length ?? 0;
    this.#isGreeted = this.#resuming.read(text) || this.#isGreeted;
    if (this.#isGreeted && this.heard >= this.#wanted) this.#done();
  }
}

let clients: Client[] = [];

/** Connects these, so many at a time. */
async function connect(some: readonly Client[], missed: number): Promise<void> {
  let next = 0;
  const keepOn = async (): Promise<void> => {
    for (let client = some[next++]; client; client = some[next++]) await client.connect(missed);
  };
  await Promise.all(Array.from({ length: atOnce }, keepOn));
}

function clientFor(token: string, { host, port, dialect }: Extract<ClientsOrder, { do: 'open' }>): Client {
  return new Client(resuming[dialect](), (client, kind) => {
    const socket = new SocketClient({
      ...{ host, port, dialect: kind.dialect, token, closed: () => {} },
      notified: (_count, buffer, start, end) => client.read(buffer.toString('latin1', start, end)),
    });
    // A greeting is read as every other text is.
    socket.ready.catch(() => {});
    return socket;
  });
}

async function obey(order: ClientsOrder): Promise<void> {
  if (order.do === 'open') {
    const opened = order.tokens.map((token) => clientFor(token, order));
    clients = [...clients, ...opened];
    await connect(opened, 0);
  } else if (order.do === 'cut') for (const client of clients) client.cut();
  else if (order.do === 'return') await connect(clients, order.missed);
  else while (clients.some(({ heard }) => heard < order.number)) await pause(50);
}

process.on('message', (order: ClientsOrder) => {
  obey(order).then(
    () => process.send?.({ done: true } satisfies ClientsAnswer),
    (error: Error) => process.send?.({ failed: error.message } satisfies ClientsAnswer),
  );
});
process.on('disconnect', () => process.exit());
