import { expect, test } from 'vitest';
import { sqliteFixture, withStore } from '../../testing/databases.ts';
import { MemoryEphemeral } from '../broker/memory/memory-ephemeral.ts';
import type { Store } from '../domain/ports.ts';
import { systemClock } from '../jobs/system-clock.ts';
import { Counters } from '../telemetry/counters.ts';
import { DocumentVersions } from './document-versions.ts';
import { OpenDocuments } from './open-documents.ts';

let store: Store;
withStore(sqliteFixture, (one) => {
  store = one;
});

/** The open documents of a node that is told nothing by others. */
const nodeOf = (node: string): OpenDocuments =>
  new OpenDocuments({
    ...{ node, store, ephemeral: new MemoryEphemeral(), clock: systemClock, counters: new Counters() },
    telemetry: { emit: () => {} },
    limits: { documentBytes: 1_000_000, updateBytes: 100_000, open: 10 },
  });

test.for([
  { ms: 50, tries: 2 },
  { ms: 200, tries: 1 },
])(
  'where another node stores all the time, it is asked to wait after tries of $ms ms: $tries',
  async ({ ms, tries }) => {
    const [node, other] = [nodeOf('n1'), nodeOf('n2')];
    const document = `collaboration:of-${ms}`;
    let now = 0;
    let tried = 0;
    const asked: number[] = [];
    const versions = new DocumentVersions({
      documents: {
        alone: (name, call) => node.alone(name, call),
        deleted: () => {},
        askToHold: (_, time) => void asked.push(tried, time),
      },
      store: Object.assign(Object.create(store) as Store, {
        restoreDocument: async (...given: Parameters<Store['restoreDocument']>) => {
          tried++;
          if (asked.length === 0) await other.use(document, (doc) => doc.getText('t').insert(0, `${tried}`));
          return store.restoreDocument(...given);
        },
      }),
      clock: { now: () => (now += ms) },
      counters: new Counters(),
      limits: { count: 10, bytes: 1_000_000, nameLength: 200, documentBytes: 1_000_000 },
    });
    await node.use(document, (doc) => doc.getText('t').insert(0, 'first'));
    const { id } = await versions.save(document, { name: 'First', from: null, once: null });
    await other.use(document, (doc) => doc.getText('t').delete(0, 2));
    expect(await versions.restore(document, id, null)).toMatchObject({
      version: { id },
      saved: { kind: 'before_restore' },
    });
    expect(asked).toEqual([tries, 500 + 2 * ms]);
    expect(tried).toBe(tries + 1);
    expect(await node.use(document, (doc) => doc.getText('t').toString())).toBe('first');
  },
);
