// The process of the clients of the jitter play: each is cut again and again, and comes back for what it missed.
import { setTimeout as pause } from 'node:timers/promises';
import { monotonicMicros } from '../load/monotonic.ts';
import { SocketClient } from '../load/socket-client.ts';
import { type Resuming, resuming } from './resuming.ts';

export type JitterOrder =
  | { do: 'connect'; host: string; port: number; dialect: keyof typeof resuming; tokens: readonly string[] }
  | { do: 'cut'; everyMs: number; offlineMs: number }
  | { do: 'end'; numbers: readonly number[]; withinMs: number };

/** The clients' account. Times in ms. */
export interface JitterAnswer {
  delivered: number;
  owed: number;
  twice: number;
  cuts: number;
  /** From the begin of a return until each notification that was missed is there. */
  replays: Float64Array;
}

/** Opens a connection, whose texts are read by what it is given. */
type Open = (resuming: Resuming, read: (text: string) => void) => SocketClient;

const stamp = /"n":(\d+),"at":(\d+)/g;

class Client {
  readonly numbers = new Set<number>();
  readonly #resuming: Resuming;
  readonly #open: Open;
  #socket: SocketClient | null = null;
  /** Monotonic µs. */
  #leftAt = 0;
  #backAt = 0;
  #greeted: () => void = () => {};

  constructor(kind: Resuming, open: Open) {
    this.#resuming = kind;
    this.#open = open;
  }

  /** Resolves when it is greeted. */
  connect(): Promise<void> {
    this.#backAt = monotonicMicros();
    return new Promise((resolve) => {
      this.#greeted = resolve;
      this.#socket = this.#open(this.#resuming, (text) => this.#read(text));
    });
  }

  cut(): void {
    this.#leftAt = monotonicMicros();
    this.#socket?.cut();
  }

  #read(text: string): void {
    const now = monotonicMicros();
    for (const [, n, at] of text.matchAll(stamp)) {
      if (this.numbers.has(Number(n))) account.twice++;
      this.numbers.add(Number(n));
      if (Number(at) > this.#leftAt && Number(at) < this.#backAt) replays.push((now - this.#backAt) / 1000);
    }
    if (this.#resuming.read(text)) this.#greeted();
  }
}

const account = { delivered: 0, owed: 0, twice: 0, cuts: 0 };
const replays: number[] = [];
let clients: Client[] = [];
let isCutting = false;

async function connect({ host, port, dialect, tokens }: Extract<JitterOrder, { do: 'connect' }>): Promise<void> {
  const open = (token: string): Client =>
    new Client(resuming[dialect](), (kind, read) => {
      const socket = new SocketClient({
        ...{ host, port, dialect: kind.dialect, token, closed: () => {} },
        notified: (_count, buffer, start, end) => read(buffer.toString('latin1', start, end)),
      });
      // A greeting is read as every other text is.
      socket.ready.catch(() => {});
      return socket;
    });
  clients = tokens.map(open);
  for (let from = 0; from < clients.length; from += 50) {
    await Promise.all(clients.slice(from, from + 50).map((client) => client.connect()));
  }
}

/** Cuts one client until it is told to stop, at random times with this mean. */
async function keepCutting(client: Client, everyMs: number, offlineMs: number): Promise<void> {
  for (;;) {
    await pause(-Math.log(1 - Math.random()) * everyMs);
    if (!isCutting) return;
    client.cut();
    account.cuts++;
    await pause(offlineMs);
    await Promise.race([client.connect(), pause(10_000)]);
  }
}

/** Waits until all is there, or the time is over. */
async function end(numbers: readonly number[], withinMs: number): Promise<JitterAnswer> {
  isCutting = false;
  const missing = () => clients.reduce((sum, client) => sum + numbers.filter((n) => !client.numbers.has(n)).length, 0);
  const until = performance.now() + withinMs;
  while (missing() > 0 && performance.now() < until) await pause(250);
  const owed = clients.length * numbers.length;
  return { ...account, owed, delivered: owed - missing(), replays: Float64Array.from(replays) };
}

async function obey(order: JitterOrder): Promise<JitterAnswer | { done: true }> {
  if (order.do === 'end') return end(order.numbers, order.withinMs);
  if (order.do === 'connect') await connect(order);
  else {
    isCutting = true;
    for (const client of clients) void keepCutting(client, order.everyMs, order.offlineMs);
  }
  return { done: true };
}

process.on('message', (order: JitterOrder) => {
  void obey(order).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
