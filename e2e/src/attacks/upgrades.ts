import { expect } from 'vitest';
import { until } from '../until.ts';
import type { Attack, AttackedServer } from './attacked-server.ts';
import { headOf, RawConnection, upgradeOf } from './raw-connection.ts';

/** The status with which a head is answered; 0 for a connection that ends without an answer. */
async function statusOf(server: AttackedServer, head: string): Promise<number> {
  const connection = await RawConnection.open(server.port, head);
  await until('an answer', () => connection.status > 0 || connection.isOver);
  connection.cut();
  return connection.status;
}

const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`X-${n}`, 'y']));

/** Each way in, as a request with a token of the user. */
const waysIn = ['/ws/', '/api/v1/events', '/api/v1/sync?wait=0', '/api/v1/inbox'];
const requestOf = (path: string, headers: Record<string, string>): string =>
  path === '/ws/' ? upgradeOf(path, headers) : headOf(`GET ${path}`, headers);

/** Requests that two servers on one way could take for different ones. */
const ambiguous: [name: string, head: string][] = [
  ['two lengths', 'Content-Length: 4\r\nContent-Length: 5\r\n'],
  ['a length and chunks', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n'],
  ['chunks in an unknown coding', 'Transfer-Encoding: xchunked\r\n'],
  ['a name with a blank', 'Content-Length : 4\r\n'],
  ['a line that is folded', 'X: a\r\n b: c\r\nContent-Length: 4\r\n'],
  ['line feeds alone', 'X: a\nContent-Length: 4\r\n'],
  ['a length that is none', 'Content-Length: +4\r\n'],
];

export const upgrades: Attack[] = [
  {
    name: '2,000 headers are refused, on every way in',
    async run(server) {
      for (const path of waysIn) expect([0, 431]).toContain(await statusOf(server, requestOf(path, many)));
    },
  },
  {
    name: 'a subprotocol or a token of 50 KB is refused',
    async run(server) {
      const long = 'x'.repeat(50_000);
      const heads = [upgradeOf('/ws/', { 'Sec-WebSocket-Protocol': long }), upgradeOf(`/ws/?token=${long}`)];
      for (const path of waysIn) heads.push(requestOf(path, { Authorization: `Bearer ${long}` }));
      for (const head of heads) expect([0, 431]).toContain(await statusOf(server, head));
    },
  },
  {
    name: 'a request that two servers on its way could read differently is refused',
    async run(server) {
      for (const [name, lines] of ambiguous) {
        const head = `POST /api/v1/actions HTTP/1.1\r\nHost: localhost\r\n${lines}\r\n1234`;
        expect([400, 501], name).toContain(await statusOf(server, head));
      }
    },
  },
  {
    name: 'what is sent behind an upgrade that is refused is no request',
    async run(server) {
      const behind = headOf('GET /api/v1/whoami', { Authorization: `Bearer ${server.token({ sub: 'smuggler' })}` });
      const connection = await RawConnection.open(server.port, upgradeOf('/ws/', server.stranger()) + behind);
      expect(await connection.endsWithin(5_000)).toBe(true);
      expect(connection.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401']);
    },
  },
  {
    name: 'a page of another origin, or of none, is refused before the upgrade, also with the cookie of its visitor',
    async run(server) {
      const cookie = `tidings_token=${server.token({ sub: 'visitor' })}`;
      for (const path of waysIn) {
        for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example', 'http://localhost:1']) {
          const head = requestOf(path, { ...server.stranger(), Origin: origin, Cookie: cookie });
          expect(await statusOf(server, head), `${path} from ${origin}`).toBe(403);
        }
        const own = requestOf(path, { ...server.stranger(), Origin: 'http://localhost', Cookie: cookie });
        expect(await statusOf(server, own), path).toBe(path === '/ws/' ? 101 : 200);
      }
    },
  },
];
