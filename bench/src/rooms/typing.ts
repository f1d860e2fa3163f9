import { setTimeout as pause } from 'node:timers/promises';
import * as Y from 'yjs';
import { host } from '../peers/peer.ts';
import { BinarySocket } from './binary-socket.ts';
import { roomDialects } from './dialects.ts';
import type { Figures, PlayOrder } from './order.ts';
import { atPace, delays, until, usage } from './pace.ts';

/** One of so many sockets reads what it is sent. */
const readEvery = 10;

/** The updates of one editor, a key in each, made before they are needed: each key follows the editor's own last one. */
function keysOf(editor: number, count: number): Uint8Array[] {
  const doc = new Y.Doc();
  doc.clientID = editor + 1;
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  const text = doc.getText('text');
  for (let i = 0; i < count; i++) text.insert(i, letter(editor, i));
  doc.destroy();
  return updates;
}

const letter = (editor: number, key: number): string => String.fromCharCode(97 + ((editor + key) % 26));

/** Editors who type into one document; a last reader then has to have every key of each of them, in order. */
export async function playTyping({ server, port, pid, tokens, seconds, perSecond }: PlayOrder): Promise<Figures> {
  const dialect = roomDialects[server];
  const editors = tokens.length;
  const keys = Math.floor(perSecond * seconds);
  const prepared = tokens.map((_, editor) => keysOf(editor, keys));
  const sentAt = tokens.map(() => new Float64Array(keys));
  const waits: number[] = [];
  let [heardKeys, isPlaying] = [0, false];
  const sockets: BinarySocket[] = [];
  const readers = Math.ceil(editors / readEvery);
  const count = (update: Uint8Array, own: number): void => {
    const now = performance.now();
    for (const { id, length } of Y.decodeUpdate(update).structs) {
      if (id.client === own) continue;
      heardKeys += length;
      for (let i = 0; i < length; i++) waits.push(now - (sentAt[id.client - 1]?.[id.clock + i] ?? Number.NaN));
    }
  };
  for (const [editor, token] of tokens.entries()) {
    let isReady = false;
    const isReader = editor % readEvery === 0;
    const socket = new BinarySocket(
      host,
      port,
      dialect.target('typing', token, 'typing'),
      (opcode, buffer, from, to) => {
        if (isReady && !(isReader && isPlaying)) return;
        const heard = dialect.read(opcode, buffer.subarray(from, to));
        if (heard.kind === 'synced') isReady = true;
        else if (heard.kind === 'update' && isPlaying && isReader) count(heard.update, editor + 1);
      },
    );
    sockets.push(socket);
    await socket.open;
    for (const message of dialect.hello('typing', 'typing')) socket.send(message);
    await until(
      () => isReady,
      () => `editor ${editor} of ${server} is not synced: ${socket.closed}`,
    );
  }
  isPlaying = true;
  const used = usage(pid);
  const type = (editor: number, key: number): void => {
    (sentAt[editor] as Float64Array)[key] = performance.now();
    sockets[editor]?.send(dialect.update('typing', prepared[editor]?.[key] as Uint8Array));
  };
  await atPace({ clients: editors, perSecond, seconds: keys / perSecond }, type);
  const wanted = readers * (editors - 1) * keys;
  await until(
    () => heardKeys >= wanted,
    () => `${server} delivered ${heardKeys} of ${wanted} keys that were read`,
  );
  const { serverSeconds, clientSeconds, seconds: took } = used();
  // Peers that keep documents in memory forget them with the last editor.
  await checkLastReader({ server, port, token: tokens[0] as string }, editors, keys);
  for (const socket of sockets) socket.cut();
  const delivered = editors * (editors - 1) * keys;
  return {
    delivered: delivered / took,
    cores: serverSeconds / took,
    micros: (serverSeconds / delivered) * 1e6,
    ...delays(waits),
    clientCores: clientSeconds / took,
  };
}

/** @throws Error if who opens the document now has not every key of every editor, in order */
async function checkLastReader(
  { server, port, token }: Pick<PlayOrder, 'server' | 'port'> & { token: string },
  editors: number,
  keys: number,
): Promise<void> {
  const dialect = roomDialects[server];
  const doc = new Y.Doc();
  const socket = new BinarySocket(host, port, dialect.target('typing', token, 'typing'), (opcode, buffer, from, to) => {
    const heard = dialect.read(opcode, buffer.subarray(from, to));
    if (heard.kind === 'synced' || heard.kind === 'update') Y.applyUpdate(doc, heard.update);
  });
  await socket.open;
  for (const message of dialect.hello('typing', 'typing')) socket.send(message);
  const text = doc.getText('text');
  await until(
    () => text.length >= editors * keys,
    () => `${server} gave a last reader ${text.length} of ${editors * keys} keys`,
  );
  socket.cut();
  const whole = text.toString();
  for (let editor = 0; editor < editors; editor++) {
    const typed = Array.from({ length: keys }, (_, key) => letter(editor, key)).join('');
    if (!whole.includes(typed)) throw new Error(`${server} has not kept the keys of editor ${editor} in order`);
  }
  doc.destroy();
}

/** Members of one room of Tidings who send messages as often as editors type. */
export async function playMessages({ port, tokens, seconds, perSecond }: PlayOrder): Promise<Figures> {
  const waits: number[] = [];
  const sockets: BinarySocket[] = [];
  let [heard, ready] = [0, 0];
  for (const [member, token] of tokens.entries()) {
    const isReader = member % readEvery === 0;
    const target = `/ws/rooms/board/messages/?token=${token}&presence=0`;
    const socket = new BinarySocket(host, port, target, (_opcode, buffer, from, to) => {
      const head = buffer.toString('latin1', from, Math.min(to, from + 24));
      if (head.startsWith('{"type":"synced"')) ready++;
      if (!isReader || !head.startsWith('{"type":"room_event"')) return;
      heard++;
      const frame = JSON.parse(buffer.toString('utf8', from, to)) as { data: { at: number } };
      waits.push(performance.now() - frame.data.at);
    });
    sockets.push(socket);
    await socket.open;
    await until(
      () => ready > member,
      () => `member ${member} is not in the room: ${socket.closed}`,
    );
  }
  const sent = await atPace({ clients: tokens.length, perSecond, seconds }, (member) => {
    const data = { at: performance.now() };
    sockets[member]?.send(JSON.stringify({ action: 'send', room: 'board:messages', event: 'said', data }));
  });
  const wanted = sent * Math.ceil(tokens.length / readEvery);
  await until(
    () => heard >= wanted,
    () => `${heard} of ${wanted} messages came`,
  );
  for (const socket of sockets) socket.cut();
  await pause(100);
  return delays(waits);
}
