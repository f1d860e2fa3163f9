import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * A loopback port at which the processes of a run's test files ask for what they share. It stands where all of them can
 * ask: what they ask for is made in one place, once.
 */
export interface Door {
  readonly port: number;
  close(): void;
}

const given = 'given ';
const refused = 'refused ';

/** Opens a door that gives each who asks this answer, or the reason why there is none. */
export async function openDoor(answer: () => Promise<string>): Promise<Door> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    answer().then(
      (found) => socket.end(given + found),
      (error: Error) => socket.end(refused + error.message),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** Asks at a door. @throws Error with the reason why there is no answer */
export async function askAt(port: number): Promise<string> {
  const answer = await text(connect(port, '127.0.0.1'));
  if (answer.startsWith(given)) return answer.slice(given.length);
  throw new Error(answer.slice(refused.length) || 'the door closed without an answer');
}
