import { describe, expect, test } from 'vitest';
import type { Written } from '../session/connection.ts';
import { FrameQueue } from './frame-queue.ts';
import { Message } from './message.ts';
import { type AwarenessState, readMessage, updateMessage } from './wire.ts';

const update = (...bytes: number[]): Message => new Message(updateMessage(Uint8Array.from(bytes)));
const state = (client: number, clock: number, state: string | null = '{}'): AwarenessState => ({
  ...{ client, clock, state },
});
const states = (...all: AwarenessState[]): Message => Message.ofStates(all);

/** A reader who is full after each message as long as `isSlow`, and its queue. */
function slowReader(most = 1_000) {
  const reader = { isSlow: true, overflows: 0, read: [] as string[] };
  const queue = new FrameQueue({
    connection: {
      write: ([bytes]): Written => {
        reader.read.push(said(bytes as Buffer));
        return reader.isSlow ? 'full' : 'taken';
      },
    },
    encode: (bytes) => Buffer.from(bytes),
    most,
    overflow: () => void reader.overflows++,
  });
  return { reader, queue };
}

function said(bytes: Uint8Array): string {
  const message = readMessage(bytes);
  if (message.kind === 'update') return `update ${[...message.update]}`;
  if (message.kind !== 'awareness') return message.kind;
  return message.states.map(({ client, clock, state }) => `${client}@${clock}${state ? '' : ' gone'}`).join(', ');
}

test('a reader who keeps up is sent each message, as it comes', () => {
  const { reader, queue } = slowReader();
  reader.isSlow = false;
  for (const message of [states(state(1, 1)), update(1), states(state(1, 2))]) queue.write(message);
  expect(reader.read).toEqual(['1@1', 'update 1', '1@2']);
});

describe('a slow reader', () => {
  test('is sent all changes in order, and then the newest state of each client', () => {
    const { reader, queue } = slowReader();
    queue.write(update(0));
    queue.write(states(state(1, 1), state(2, 1)));
    queue.write(update(1));
    for (let clock = 2; clock < 200; clock++) queue.write(states(state(1, clock)));
    queue.write(states(state(2, 1, null), state(3, 7)));
    queue.write(update(2));
    reader.isSlow = false;
    queue.resume();
    expect(reader.read).toEqual(['update 0', 'update 1', 'update 2', '1@199, 2@1 gone, 3@7']);
    queue.write(states(state(1, 200)));
    expect(reader.read.at(-1)).toBe('1@200');
  });

  test('who takes one message at a time has states after the last change that waited', () => {
    const { reader, queue } = slowReader();
    for (const message of [update(0), states(state(1, 1)), update(1), update(2)]) queue.write(message);
    queue.resume();
    queue.write(states(state(1, 2)));
    queue.resume();
    queue.resume();
    expect(reader.read).toEqual(['update 0', 'update 1', 'update 2', '1@2']);
    queue.resume();
    expect(reader.read).toHaveLength(4);
  });

  test('is given up for what waits, and not for cursors that moved long ago', () => {
    const { reader, queue } = slowReader(1_000);
    queue.write(update(0));
    const cursor = JSON.stringify('x'.repeat(280));
    for (let clock = 1; clock < 100; clock++) queue.write(states(state(1, clock, cursor), state(2, clock, cursor)));
    expect(reader.overflows).toBe(0);
    queue.write(states(state(3, 1, cursor), state(4, 1, cursor)));
    expect(reader.overflows).toBe(1);
  });

  test('is given up for clients that have come and gone, however many', () => {
    const { reader, queue } = slowReader(1_000);
    queue.write(update(0));
    for (let client = 1; reader.overflows === 0 && client < 1_000; client++)
      queue.write(states(state(client, 1, null)));
    expect(reader.overflows).toBe(1);
  });

  test('has space again for what waits once it has read', () => {
    const { reader, queue } = slowReader(1_000);
    queue.write(update(0));
    const cursor = JSON.stringify('x'.repeat(400));
    for (let round = 1; round < 10; round++) {
      queue.write(states(state(1, round, cursor)));
      queue.write(update(...new Uint8Array(400)));
      queue.resume();
      queue.resume();
    }
    expect(reader.overflows).toBe(0);
    expect(reader.read).toHaveLength(19);
  });
});
