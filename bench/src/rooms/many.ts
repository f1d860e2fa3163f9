import { setTimeout as pause } from 'node:timers/promises';
import * as Y from 'yjs';
import { host } from '../peers/peer.ts';
import { residentBytes } from '../processes.ts';
import { BinarySocket } from './binary-socket.ts';
import { roomDialects } from './dialects.ts';
import type { Figures, PlayOrder } from './order.ts';
import { until, usage } from './pace.ts';

const members = 3;
/** Rooms of one connection. */
export const roomsOfOne = 100;
/** Rooms that are joined at a time. */
const atOnce = 20;

function anUpdate(): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('text').insert(0, 'hello');
  return Y.encodeStateAsUpdate(doc);
}

/** Many rooms of three members, who are told one message in each. A connection has a hundred of the rooms. */
export async function playMany({ server, port, pid, tokens, rooms }: PlayOrder): Promise<Figures> {
  const { many } = roomDialects[server];
  if (!many) throw new Error(`${server} has one room to a connection`);
  let [joined, told] = [0, 0];
  const sockets: BinarySocket[] = [];
  const groups = Math.ceil(rooms / roomsOfOne);
  for (let i = 0; i < groups * members; i++) {
    const isSender = i % members === 0;
    const target = many.target(tokens[i] as string);
    const socket = new BinarySocket(host, port, target, (opcode, buffer, from, to) => {
      const kind = many.read(opcode, buffer.subarray(from, to));
      if (kind === 'joined') joined++;
      else if (kind === 'told' && !isSender) told++;
    });
    sockets.push(socket);
    await socket.open;
  }
  await pause(1_000);
  const before = residentBytes(pid);
  const opening = usage(pid);
  for (const [i, socket] of sockets.entries()) {
    const first = Math.floor(i / members) * roomsOfOne;
    for (let room = first; room < Math.min(rooms, first + roomsOfOne); room += atOnce) {
      const next = Array.from({ length: Math.min(atOnce, rooms - room) }, (_, n) => room + n);
      const wanted = joined + next.length;
      for (const one of next) for (const message of many.join(`r${one}`)) socket.send(message);
      await until(
        () => joined >= wanted,
        () => `${server}: ${joined} of ${wanted} joins; ${socket.closed}`,
      );
    }
  }
  const opened = opening();
  await pause(2_000);
  const bytesOfRoom = (residentBytes(pid) - before) / rooms;
  const update = anUpdate();
  told = 0;
  const telling = usage(pid);
  for (let room = 0; room < rooms; room++) {
    sockets[Math.floor(room / roomsOfOne) * members]?.send(many.tell(`r${room}`, update));
  }
  const wanted = rooms * (members - 1);
  await until(
    () => told >= wanted,
    () => `${server} told ${told} of ${wanted}`,
    60_000,
  );
  const tellingUsed = telling();
  for (const socket of sockets) socket.cut();
  return {
    join: (opened.serverSeconds / (rooms * members)) * 1e6,
    kilobytes: bytesOfRoom / 1_000,
    micros: (tellingUsed.serverSeconds / wanted) * 1e6,
    toldSeconds: tellingUsed.seconds,
    clientCores: tellingUsed.clientSeconds / tellingUsed.seconds,
  };
}
