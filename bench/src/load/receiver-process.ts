// The process that receives: 1,000 sockets on one event loop.
import { dialects } from './dialects.ts';
import type { Connected, Received, ReceiveOrder, Watching } from './messages.ts';
import { monotonicMicros, ownCpuSeconds } from './monotonic.ts';
import { SocketClient } from './socket-client.ts';

/** On every so manieth socket each notification is read; on the others they are counted. */
const readEvery = 50;
/** Connections that are opened at a time. */
const openAtOnce = 50;
/** The silence after which missing frames are given up, ms. */
const silentMs = 3_000;

const stamp = /"n":(\d+),"at":(\d+)/g;

let perSocket = new Uint32Array(0);
let numbers: number[] = [];
let readers: number[] = [];
let latencies: number[] = [];
let deliveries = 0;
let lastAt = 0;
let closed = 0;

function read(socket: number, text: string): void {
  const now = monotonicMicros();
  for (const [, n, at] of text.matchAll(stamp)) {
    numbers.push(Number(n));
    readers.push(socket);
    latencies.push((now - Number(at)) / 1000);
  }
}

async function connect(order: Extract<ReceiveOrder, { do: 'connect' }>): Promise<Connected> {
  const { host, port, tokens, readsAll } = order;
  const dialect = dialects[order.dialect];
  perSocket = new Uint32Array(tokens.length);
  const open = (token: string, socket: number): Promise<void> => {
    const isRead = readsAll || socket % readEvery === 0;
    const client = new SocketClient({
      ...{ host, port, dialect, token },
      notified(count, buffer, start, end) {
        deliveries += count;
        perSocket[socket] = (perSocket[socket] as number) + count;
        if (isRead) read(socket, buffer.toString('latin1', start, end));
      },
      closed: () => closed++,
    });
    return client.ready;
  };
  try {
    for (let from = 0; from < tokens.length; from += openAtOnce) {
      await Promise.all(tokens.slice(from, from + openAtOnce).map((token, i) => open(token, from + i)));
    }
    return { connected: tokens.length };
  } catch (error) {
    return { failed: (error as Error).message };
  }
}

function watch(): Watching {
  perSocket.fill(0);
  [numbers, readers, latencies] = [[], [], []];
  deliveries = 0;
  return { watching: true };
}

/** Waits until everything came, or nothing more does. Looks every 5 ms, and dates the last frame by these looks. */
async function expect(wanted: number): Promise<Received> {
  let seen = -1;
  lastAt = monotonicMicros();
  while (deliveries < wanted && monotonicMicros() - lastAt < silentMs * 1000) {
    if (deliveries > seen) {
      seen = deliveries;
      lastAt = monotonicMicros();
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  if (deliveries >= wanted) lastAt = monotonicMicros();
  return {
    ...{ deliveries, closed, lastAt, perSocket, cpu: ownCpuSeconds() },
    numbers: Uint32Array.from(numbers),
    readers: Uint32Array.from(readers),
    latencies: Float64Array.from(latencies),
  };
}

async function obey(order: ReceiveOrder): Promise<Connected | Watching | Received> {
  if (order.do === 'connect') return connect(order);
  return order.do === 'watch' ? watch() : expect(order.deliveries);
}

process.on('message', (order: ReceiveOrder) => {
  void obey(order).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
