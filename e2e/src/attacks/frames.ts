import { expect } from 'vitest';
import { until } from '../until.ts';
import type { Attack, AttackedServer } from './attacked-server.ts';
import { frameOf, RawConnection, upgradeOf } from './raw-connection.ts';

/** A socket that its user has opened, and one that has not said who it is yet. */
const sockets: [name: string, open: (server: AttackedServer) => Promise<RawConnection>][] = [
  [
    'of a user',
    (server) =>
      open(
        server,
        upgradeOf('/ws/', { ...server.stranger(), Authorization: `Bearer ${server.token({ sub: 'framer' })}` }),
      ),
  ],
  ['of nobody yet', (server) => open(server, upgradeOf('/ws/?auth=frame', server.stranger()))],
];

async function open(server: AttackedServer, head: string): Promise<RawConnection> {
  const connection = await RawConnection.open(server.port, head);
  await until('the upgrade', () => connection.status === 101);
  return connection;
}

/** Frames that no client may send, and the code with which the socket is closed. */
const forbidden: [name: string, bytes: Buffer, code: number][] = [
  ['a frame of 100 MB', frameOf(1, 'x', { claims: 100 * 1024 ** 2 }), 1009],
  ['a frame of 2^63 bytes', Buffer.from('81ff800000000000000000000000', 'hex'), 1009],
  ['a compressed frame, that nobody has agreed on', frameOf(1, Buffer.alloc(1_000), { isCompressed: true }), 1002],
  ['a frame that is not masked', Buffer.from('8101 78'.replace(' ', ''), 'hex'), 1002],
  ['a ping of 126 bytes', frameOf(9, 'x'.repeat(126)), 1002],
  ['a ping in fragments', frameOf(9, 'x', { isLast: false }), 1002],
  ['a frame of no known kind', frameOf(3, 'x'), 1002],
  ['a fragment of nothing', frameOf(0, 'x'), 1002],
  ['text that is no UTF-8', frameOf(1, Buffer.from([0xc0, 0xaf])), 1007],
];

const whitespace = frameOf(0, ' ', { isLast: false });
const filler = Buffer.concat(Array.from({ length: 500 }, () => frameOf(10, 'x'.repeat(125))));

/**
 * A hundred fragments, between which other frames fill what Node reads at once: if each fragment is kept as it was read, all of that is
 * kept.
 */
const hoarding = Buffer.concat(Array.from({ length: 100 }, () => Buffer.concat([whitespace, filler])));

export const frames: Attack[] = sockets.flatMap(([whose, openSocket]) => [
  {
    name: `frames against the protocol close a socket ${whose}`,
    async run(server) {
      for (const [name, bytes, code] of forbidden) {
        const connection = await openSocket(server);
        await connection.send(bytes);
        await until(name, () => connection.closeCode !== null);
        expect(connection.closeCode, name).toBe(code);
        connection.cut();
      }
    },
  },
  {
    name: `a hundred thousand fragments of one byte, or of none, close a socket ${whose}`,
    async run(server) {
      for (const [first, more] of [
        ['[', ' '],
        ['', ''],
      ] as const) {
        const connection = await openSocket(server);
        const next = frameOf(0, more, { isLast: false });
        await connection.send(frameOf(1, first, { isLast: false }));
        await connection.send(Buffer.concat(Array.from({ length: 100_000 }, () => next)));
        await until('the close', () => connection.closeCode === 1008);
        connection.cut();
      }
    },
  },
  {
    name: `fragments that each would keep what came beside them close a socket ${whose}`,
    async run(server) {
      const connection = await openSocket(server);
      await connection.send(frameOf(1, '[', { isLast: false }));
      for (let n = 0; n < 50 && connection.closeCode === null; n++) await connection.send(hoarding);
      await server.checkUnharmed();
      await until('the close', () => connection.closeCode === 1008);
      connection.cut();
    },
  },
]);
