import type { Duplex } from 'node:stream';

/** Time that a peer is given to close a connection which has its answer, ms. */
export const lingerMs = 1_000;

/** Says that there is nothing here. */
export const notFound = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n';

/** Answers on a raw socket and ends it, also where the peer does not. */
export function hangUp(socket: Duplex, answer: string): void {
  socket.end(answer);
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
}
