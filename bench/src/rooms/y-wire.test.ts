import { expect, test } from 'vitest';
import { Awareness, applyAwarenessUpdate } from 'y-protocols/awareness';
import { applyUpdate, Doc } from 'yjs';
import { askForAll, clocksIn, cursorMessage, MessageReader, nothingNew, seen, updateMessage } from './y-wire.ts';

const seenIn = (message: Buffer) => seen(new MessageReader().set(message, 0));

test('a cursor is what awareness takes, and its clock is read', () => {
  const message = cursorMessage(300, 7, 12);
  const awareness = new Awareness(new Doc());
  const reader = new MessageReader().set(message, 0);
  reader.number();
  applyAwarenessUpdate(awareness, reader.bytes(), 'test');
  expect(awareness.states.get(300)).toEqual({ user: { name: 'Person 300' }, cursor: { x: 12, y: 12 } });
  awareness.destroy();
  expect(seenIn(message)).toEqual({ kind: 'states', count: 1 });
  expect(clocksIn(new MessageReader().set(message, 0))).toEqual([[300, 7]]);
});

test('an update is told from a question and its answer, and is what Yjs takes', () => {
  const doc = new Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  doc.getText('text').insert(0, '12.3;'.repeat(40));
  const message = updateMessage(updates[0] as Uint8Array);
  expect([askForAll, nothingNew, message].map((one) => seenIn(one).kind)).toEqual(['asked', 'document', 'update']);
  const other = new Doc();
  const reader = new MessageReader().set(message, 2);
  applyUpdate(other, reader.bytes());
  expect(other.getText('text').length).toBe(200);
});
