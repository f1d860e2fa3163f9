import { expect, onTestFinished, test } from 'vitest';
import * as Y from 'yjs';
import { databases } from '../../testing/databases.ts';
import { openerOf } from '../../testing/store-fixture.ts';
import { until } from '../../testing/world.ts';
import { MemoryEphemeral } from '../broker/memory/memory-ephemeral.ts';
import type { Store } from '../domain/ports.ts';
import { systemClock } from '../jobs/system-clock.ts';
import type { TelemetryEvent } from '../telemetry/events.ts';
import type { Message } from './message.ts';
import { OpenDocuments } from './open-documents.ts';
import type { Member, SharedDocument } from './shared-document.ts';
import { readMessage } from './wire.ts';

/** A member that keeps what it was sent. */
class Reader implements Member {
  readonly doc = new Y.Doc();
  readonly codes: number[] = [];

  send({ bytes }: Message): void {
    const message = readMessage(bytes);
    if (message.kind === 'update') Y.applyUpdate(this.doc, message.update);
  }

  close({ code }: { code: number }): void {
    this.codes.push(code);
  }

  get text(): string {
    return this.doc.getText('t').toString();
  }
}

/** A node, over a store and channels that it may share with others. */
function nodeOn(store: Store, ephemeral = new MemoryEphemeral(), name = 'n1') {
  const events: TelemetryEvent[] = [];
  const counters = { documentUpdates: 0 };
  const documents = new OpenDocuments({
    ...{ node: name, store, ephemeral, clock: systemClock, counters },
    telemetry: { emit: (event) => void events.push(event) },
    limits: { documentBytes: 1_000_000, updateBytes: 100_000, open: 10 },
  });
  return { documents, events, counters };
}

async function join(documents: OpenDocuments, name = 'notes:a') {
  const { document, leave } = await documents.open(name);
  const reader = new Reader();
  document.members.add(reader);
  document.answer(reader, Uint8Array.of(0));
  return { document, reader, leave };
}

/** Types into a document of one's own, and hands each update over. */
class Typist {
  readonly doc = new Y.Doc();
  readonly updates: Uint8Array[] = [];

  constructor() {
    this.doc.on('update', (update: Uint8Array) => this.updates.push(update));
  }

  type(text: string): Uint8Array {
    const shared = this.doc.getText('t');
    shared.insert(shared.length, text);
    return this.updates.at(-1) as Uint8Array;
  }
}

const take = (document: SharedDocument, ...updates: Uint8Array[]): void => {
  for (const update of updates) document.take(update, true);
};

for (const { name, fixture } of databases) {
  const start = openerOf(fixture);

  test(`on ${name}, updates of one tick are one transaction, and many are merged into a state`, async () => {
    const { store, another } = await start(onTestFinished);
    const { documents, counters } = nodeOn(store);
    const { document, reader, leave } = await join(documents);
    const typist = new Typist();
    take(document, ...Array.from({ length: 100 }, (_, n) => typist.type(`${n},`)));
    expect(reader.text).toBe('');
    await until(() => reader.text === typist.doc.getText('t').toString());
    expect(counters.documentUpdates).toBe(1);
    for (let n = 0; n < 520; n++) {
      take(document, typist.type('x'));
      await document.stored();
    }
    await document.idle();
    expect((await store.documentUpdates('notes:a', 0)).updates.length).toBeLessThan(60);
    leave();
    await documents.close();
    const later = await join(nodeOn(await another(), undefined, 'n2').documents);
    expect(later.document.doc.getText('t').toString()).toBe(typist.doc.getText('t').toString());
  });

  test(`on ${name}, what a hundred editors change within some milliseconds is stored and given out together`, async () => {
    const { store } = await start(onTestFinished);
    const { documents, counters } = nodeOn(store);
    const editors = await Promise.all(Array.from({ length: 100 }, () => join(documents)));
    const { document, reader } = editors[0] as (typeof editors)[number];
    const typists = editors.map(() => new Typist());
    for (let time = 0; time < 20; time++) {
      for (const typist of typists) take(document, typist.type('x'));
      await store.head();
    }
    // Closing waits for no pause.
    await documents.close();
    expect(reader.text.length).toBe(2_000);
    expect(counters.documentUpdates).toBeLessThan(20);
  });

  test(`on ${name}, nodes read of each other what no message told, and states too`, async () => {
    const { store, another } = await start(onTestFinished);
    const [deaf, link] = [new MemoryEphemeral(), new MemoryEphemeral()];
    const [one, two, three] = [
      nodeOn(store, link, 'n1'),
      nodeOn(await another(), link, 'n2'),
      nodeOn(await another(), deaf, 'n3'),
    ] as const;
    const [a, b, c] = [await join(one.documents), await join(two.documents), await join(three.documents)];
    const typist = new Typist();
    take(a.document, typist.type('told'));
    await until(() => b.reader.text === 'told');
    expect(c.reader.text).toBe('');
    await three.documents.sweep();
    await until(() => c.reader.text === 'told');
    take(c.document, new Typist().type('!'));
    await until(() => c.reader.text.length === 5);
    await Promise.all([one.documents.sweep(), two.documents.sweep()]);
    await until(() => a.reader.text === c.reader.text && b.reader.text === c.reader.text);
    const large = new Typist();
    take(a.document, large.type('x'.repeat(20_000)));
    await until(() => b.reader.text.length === 20_005);
    const owner = {};
    const state = { client: 1, clock: 1, state: '{"name":"Ann"}', user: 'ann' };
    one.documents.sendStates(a.document, a.document.awareness.take([state], owner, 0).accepted);
    expect(b.document.awareness.present).toMatchObject([state]);
    // A node that opens the document later asks the others.
    const late = await join(nodeOn(store, link, 'n4').documents);
    await until(() => late.document.awareness.present.length === 1);
  });

  test(`on ${name}, updates that come in any order, twice, or without what they build on, end in one text`, async () => {
    const { store } = await start(onTestFinished);
    const { documents } = nodeOn(store);
    const { document, reader } = await join(documents);
    const typist = new Typist();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((text) => typist.type(text)) as [Uint8Array, ...Uint8Array[]];
    take(document, c as Uint8Array, a, a, d as Uint8Array);
    await until(() => reader.text === 'a');
    // Nothing is given out that is not stored.
    expect(Y.encodeStateVector(document.doc)).toEqual(Y.encodeStateVector(reader.doc));
    const late = new Reader();
    document.members.add(late);
    document.answer(late, Uint8Array.of(0));
    await until(() => late.text === 'a');
    expect(late.doc.store.pendingStructs).toBeNull();
    take(document, b as Uint8Array);
    await until(() => reader.text === 'abcd' && late.text === 'abcd');
  });
}

test('a document whose changes cannot be stored ends its connections, and is opened anew without them', async () => {
  const { store } = await openerOf(databases[0]?.fixture as never)(onTestFinished);
  let isBroken = false;
  const failing: Store = Object.create(store, {
    addDocumentUpdates: {
      value: (...args: Parameters<Store['addDocumentUpdates']>) =>
        isBroken ? Promise.reject(new Error('the disk is full')) : store.addDocumentUpdates(...args),
    },
  });
  const { documents, events } = nodeOn(failing);
  const { document, reader } = await join(documents);
  const typist = new Typist();
  take(document, typist.type('kept'));
  await until(() => reader.text === 'kept');
  isBroken = true;
  take(document, typist.type(' lost'));
  await until(() => reader.codes.length > 0);
  expect([reader.codes, reader.text]).toEqual([[1013], 'kept']);
  expect(events).toMatchObject([{ type: 'failure', where: 'documents' }]);
  isBroken = false;
  const again = await join(documents);
  expect(again.document).not.toBe(document);
  expect(again.document.doc.getText('t').toString()).toBe('kept');
  take(again.document, ...typist.updates);
  await until(() => again.reader.text.endsWith(' lost'));
});
