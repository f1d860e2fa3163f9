import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { resuming } from '../jitter/resuming.ts';
import { SocketClient } from '../load/socket-client.ts';

/** Told by a client: that it is connected and recovered, and the number of each notification. */
interface Told {
  back: () => void;
  heard: (n: number) => void;
}

/** Connects one client, which comes back by itself, as its makers have it. */
export type Returning = (at: { host: string; port: number; token: string }, told: Told) => void;

interface TidingsClient {
  onState(listener: (state: { status: string }) => void): void;
  on(type: 'user_notification', listener: (frame: { data: { n: number } }) => void): void;
  connect(): Promise<void>;
}

// By names that the type check does not follow: a client's sources need the types of a browser.
const names: readonly string[] = ['@tidings/client', '@tidings/client/transports'];
const [{ createTidingsClient }, { webSocketTransport }] = (await Promise.all(names.map((name) => import(name)))) as [
  { createTidingsClient(options: object): TidingsClient },
  { webSocketTransport(): object },
];
const quiet = { warn() {}, error() {} };

const tidings: Returning = ({ host, port, token }, { back, heard }) => {
  const url = `http://${host}:${port}`;
  const client = createTidingsClient({ url, token, transport: webSocketTransport(), logger: quiet });
  client.onState(({ status }) => {
    if (status === 'connected') back();
  });
  client.on('user_notification', ({ data }) => heard(data.n));
  void client.connect();
};

interface SocketIoSocket {
  on(event: string, listener: (data: { data: { n: number } }) => void): void;
}

const require = createRequire(import.meta.url);
/** The script that its server gives to pages. */
const io = require(join(dirname(require.resolve('socket.io/package.json')), 'client-dist/socket.io.js')) as (
  url: string,
  options: object,
) => SocketIoSocket;

const socketIo: Returning = ({ host, port, token }, { back, heard }) => {
  const socket = io(`http://${host}:${port}`, { auth: { token }, transports: ['websocket'], forceNew: true });
  socket.on('connect', back);
  socket.on('notification', ({ data }) => heard(data.n));
};

const number = /"n":(\d+),"at":/g;

/** No client of Centrifugo's is at hand: this is its protocol, and the pauses between the attempts are those of centrifuge-js 5. */
const centrifugo: Returning = ({ host, port, token }, { back, heard }) => {
  const kind = resuming.centrifugo();
  let failures = 0;
  const open = (): void => {
    const socket = new SocketClient({
      ...{ host, port, token, dialect: kind.dialect },
      closed() {
        const longest = Math.min(20_000, 500 * 2 ** failures++);
        setTimeout(open, Math.min(20_000, 500 + Math.random() * longest));
      },
      notified(_count, buffer, start, end) {
        const text = buffer.toString('latin1', start, end);
        for (const [, n] of text.matchAll(number)) heard(Number(n));
        if (!kind.read(text)) return;
        failures = 0;
        back();
      },
    });
    // A greeting is read as every other text is.
    socket.ready.catch(() => {});
  };
  open();
};

export const returning = { tidings, 'socket.io': socketIo, centrifugo } satisfies Record<string, Returning>;
