// The process of the members of rooms: they open documents, move cursors, type, and hear each other.
import { setTimeout as pause } from 'node:timers/promises';
import { Doc } from 'yjs';
import { monotonicMicros, ownCpuSeconds } from '../load/monotonic.ts';
import { RoomSocket } from './room-socket.ts';
import { clocksIn, cursorMessage, MessageReader, type Seen, type ServerName, updateMessage, wires } from './y-wire.ts';

export type RoomsOrder =
  | {
      do: 'open';
      host: string;
      port: number;
      server: ServerName;
      rooms: number;
      members: number;
      tokens: readonly string[];
      hasEvents: boolean;
    }
  | { do: 'move'; perSecond: number; seconds: number }
  | { do: 'type'; perSecond: number; seconds: number }
  | { do: 'say'; perSecond: number; seconds: number }
  | { do: 'once' };

export interface RoomsAnswer {
  sent: number;
  /** One for each change that came to one other member, however many came in one message. Of cursors also those that came back. */
  delivered: number;
  /** The deliveries that were owed and did not come: of what was typed each, of cursors those of the last positions. */
  missing: number;
  messages: number;
  bytes: number;
  /** From the first to the last delivery, seconds. */
  seconds: number;
  /** Of this process. */
  cpu: number;
  /** Milliseconds from each send until some members had it, sorted. */
  latencies: Float64Array;
}

/** Connections that are opened at a time. Some servers leave those of one room that come at one moment without an answer. */
const atOnce = 32;
/** The silence after which what is missing is given up, ms. */
const silentMs = 3_000;
/** On every so manieth socket everything is read; on the others it is counted. */
const readEvery = 25;
const word = /(\d+)\.(\d+);/g;

/** The rate of each member, and for how long. */
interface Pace {
  perSecond: number;
  seconds: number;
}

interface Member {
  socket: RoomSocket;
  /** The member's number in all rooms. */
  number: number;
  isRead: boolean;
  /** The newest clock of each client, where it is read. */
  clocks: Map<number, number>;
}

let members: Member[] = [];
let membersOfRoom = 0;
let [delivered, messages, bytes, lastAt] = [0, 0, 0, 0];
let isTyping = false;
let sentAt: number[][] = [];
let latencies: number[] = [];
const reader = new MessageReader();
/** The clock of the next move. */
let firstClock = 1;

function hear(member: Member, what: Seen, buffer: Buffer, start: number, end: number): void {
  if (what.kind === 'states') {
    if (isTyping) return;
    delivered += what.count;
    if (member.isRead)
      for (const [client, clock] of clocksIn(reader.set(buffer, start))) member.clocks.set(client, clock);
  } else if (what.kind === 'update' || what.kind === 'event') {
    const now = monotonicMicros();
    for (const [, sender, n] of buffer.toString('latin1', start, end).matchAll(word)) {
      if (Number(sender) === member.number) continue;
      delivered++;
      if (member.isRead) latencies.push((now - (sentAt[Number(sender)]?.[Number(n)] ?? now)) / 1000);
    }
  } else return;
  messages++;
  bytes += end - start;
  lastAt = monotonicMicros();
}

async function open(order: Extract<RoomsOrder, { do: 'open' }>): Promise<void> {
  const { host, port, server, rooms, members: perRoom, tokens, hasEvents } = order;
  members = [];
  membersOfRoom = perRoom;
  const wire = wires[server];
  const join = async (place: number, room: number): Promise<void> => {
    const number = room * perRoom + place;
    const member: Member = { number, isRead: number % readEvery === 0, clocks: new Map(), socket: null as never };
    member.socket = new RoomSocket({
      ...{ host, port, wire, hasEvents, room: `board-${room}`, token: tokens[number % tokens.length] as string },
      from: `127.0.0.${2 + (number % 8)}`,
      heard: (what, buffer, start, end) => hear(member, what, buffer, start, end),
    });
    members.push(member);
    await member.socket.ready;
  };
  // The members of one room one after the other.
  let next = 0;
  const keepOn = async (): Promise<void> => {
    for (let room = next++; room < rooms; room = next++)
      for (let place = 0; place < perRoom; place++) await join(place, room);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, rooms) }, keepOn));
  members.sort((a, b) => a.number - b.number);
}

function watch(): void {
  [delivered, messages, bytes, lastAt] = [0, 0, 0, monotonicMicros()];
  latencies = [];
  for (const member of members) member.clocks.clear();
}

/** Calls `act` for each member so many times a second, spread over the second. */
async function keepAt(perSecond: number, seconds: number, act: (member: Member, time: number) => void): Promise<void> {
  const begun = performance.now();
  const total = members.length * perSecond * seconds;
  for (let done = 0; done < total; ) {
    const due = Math.min(total, ((performance.now() - begun) / 1000) * members.length * perSecond);
    for (; done < due; done++) act(members[done % members.length] as Member, Math.floor(done / members.length));
    await pause(2);
  }
}

const silence = async (isEnough: () => boolean): Promise<void> => {
  while (!isEnough() && monotonicMicros() - lastAt < silentMs * 1000) await pause(5);
};

async function move({ perSecond, seconds }: Pace): Promise<RoomsAnswer> {
  isTyping = false;
  watch();
  const begun = monotonicMicros();
  const cpu = ownCpuSeconds();
  let sent = 0;
  const last = new Map<number, number>();
  await keepAt(perSecond, seconds, ({ socket, number }, time) => {
    sent++;
    // Clients begin with 1, and no state is taken of one that does not go up.
    last.set(number + 1, firstClock + time);
    socket.send(cursorMessage(number + 1, firstClock + time, sent));
  });
  firstClock += perSecond * seconds + 1;
  const readers = members.filter(({ isRead }) => isRead);
  const behind = () =>
    readers.reduce(
      (sum, { clocks }) => sum + [...last].filter(([client, clock]) => clocks.get(client) !== clock).length,
      0,
    );
  await silence(() => behind() === 0);
  return answer({ sent, missing: behind(), begun, cpu });
}

async function type({ perSecond, seconds }: Pace): Promise<RoomsAnswer> {
  isTyping = true;
  const docs = members.map(({ socket }) => {
    const doc = new Doc();
    doc.on('update', (update: Uint8Array) => socket.send(updateMessage(update)));
    return doc;
  });
  return sayWords({ perSecond, seconds }, ({ number }, said) => {
    const text = (docs[number] as Doc).getText('text');
    text.insert(text.length, said);
  });
}

/** The same words as events of the room. */
const say = (pace: Pace): Promise<RoomsAnswer> => sayWords(pace, ({ socket }, text) => socket.sendEvent({ text }));

async function sayWords(
  { perSecond, seconds }: Pace,
  send: (member: Member, word: string) => void,
): Promise<RoomsAnswer> {
  watch();
  sentAt = members.map(() => []);
  const begun = monotonicMicros();
  const cpu = ownCpuSeconds();
  let sent = 0;
  await keepAt(perSecond, seconds, (member, time) => {
    sent++;
    (sentAt[member.number] as number[])[time] = monotonicMicros();
    send(member, `${member.number}.${time};`);
  });
  return settle(sent, begun, cpu);
}

/** One change in each room. */
async function once(): Promise<RoomsAnswer> {
  isTyping = true;
  watch();
  sentAt = members.map(() => []);
  const begun = monotonicMicros();
  const cpu = ownCpuSeconds();
  let sent = 0;
  for (const { socket, number } of members) {
    if (number % membersOfRoom !== 0) continue;
    const doc = new Doc();
    doc.on('update', (update: Uint8Array) => socket.send(updateMessage(update)));
    (sentAt[number] as number[])[0] = monotonicMicros();
    doc.getText('text').insert(0, `${number}.0;`);
    if (++sent % 50 === 0) await pause(1);
  }
  return settle(sent, begun, cpu);
}

async function settle(sent: number, begun: number, cpu: number): Promise<RoomsAnswer> {
  const owed = sent * (membersOfRoom - 1);
  await silence(() => delivered >= owed);
  await pause(200);
  return answer({ sent, missing: Math.max(0, owed - delivered), begun, cpu });
}

const answer = (one: { sent: number; missing: number; begun: number; cpu: number }): RoomsAnswer => ({
  ...{ sent: one.sent, missing: one.missing, delivered, messages, bytes },
  seconds: (lastAt - one.begun) / 1e6,
  cpu: ownCpuSeconds() - one.cpu,
  latencies: Float64Array.from(latencies).sort(),
});

async function obey(order: RoomsOrder): Promise<RoomsAnswer | { done: true }> {
  if (order.do === 'move') return move(order);
  if (order.do === 'type') return type(order);
  if (order.do === 'say') return say(order);
  if (order.do === 'once') return once();
  await open(order);
  return { done: true };
}

process.on('message', (order: RoomsOrder) => {
  obey(order).then(
    (found) => process.send?.(found),
    (error: Error) => process.send?.({ failed: error.message }),
  );
});
process.on('disconnect', () => process.exit());
