import { setTimeout as pause } from 'node:timers/promises';
import { host } from '../peers/peer.ts';
import { BinarySocket } from './binary-socket.ts';
import { roomDialects } from './dialects.ts';
import type { Figures, PlayOrder } from './order.ts';
import { atPace, delays, until, usage } from './pace.ts';

/** One of so many sockets reads what it is sent; the others count frames. */
const readEvery = 50;

/** Members of one room who move their cursors. What is counted is what was delivered while they moved. */
export async function playCursors({ server, port, pid, tokens, seconds, perSecond }: PlayOrder): Promise<Figures> {
  const dialect = roomDialects[server];
  const sockets: BinarySocket[] = [];
  let [frames, bytes, states, isCounted] = [0, 0, 0, false];
  const waits: number[] = [];
  for (const [member, token] of tokens.entries()) {
    let isReady = false;
    const isReader = member % readEvery === 0;
    const socket = new BinarySocket(
      host,
      port,
      dialect.target('cursors', token, 'cursors'),
      (opcode, buffer, from, to) => {
        if (isCounted) [frames, bytes] = [frames + 1, bytes + to - from];
        if (isReady && !(isReader && isCounted)) return;
        const heard = dialect.read(opcode, buffer.subarray(from, to));
        if (heard.kind === 'synced') isReady = true;
        if (heard.kind !== 'states' || !isCounted) return;
        states += heard.states.length;
        for (const { at } of heard.states) waits.push(performance.now() - at);
      },
    );
    sockets.push(socket);
    await socket.open;
    for (const message of dialect.hello('cursors', 'cursors')) socket.send(message);
    await until(
      () => isReady,
      () => `member ${member} of ${server} is not in the room: ${socket.closed}`,
    );
  }
  const move = (member: number, clock: number): void =>
    sockets[member]?.send(dialect.cursor('cursors', member + 1, clock + 1, Math.floor(performance.now())));
  // Everybody is seen once before it is counted, and compilers have optimised.
  const warmUp = Math.max(1, Math.min(2, seconds));
  await atPace({ clients: tokens.length, perSecond: 2, seconds: warmUp }, move);
  await pause(500);
  isCounted = true;
  const used = usage(pid);
  const size = { clients: tokens.length, perSecond, seconds };
  const moved = await atPace(size, (member, round) => move(member, round + 1_000));
  const { serverSeconds, clientSeconds, seconds: took } = used();
  isCounted = false;
  const closed = sockets.filter((socket) => socket.closed !== null).length;
  for (const socket of sockets) socket.cut();
  const readers = Math.ceil(tokens.length / readEvery);
  const delivered = states * (tokens.length / readers);
  const wanted = moved * tokens.length;
  return {
    delivered: delivered / took,
    share: (delivered / wanted) * 100,
    frames: frames / tokens.length / took,
    megabytes: bytes / took / 1e6,
    cores: serverSeconds / took,
    micros: (serverSeconds / delivered) * 1e6,
    ...delays(waits),
    closed,
    clientCores: clientSeconds / took,
  };
}
