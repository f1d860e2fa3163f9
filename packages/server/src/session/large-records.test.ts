import { afterEach, describe, expect, test } from 'vitest';
import { databases, withStore } from '../../testing/databases.ts';
import { put, storeWith } from '../../testing/temp-store.ts';
import { cursorAt, tick, until, World } from '../../testing/world.ts';
import type { Store } from '../domain/ports.ts';

const size = 900_000;
const text = 'x'.repeat(size);
const large = (user: string) => {
  const body = JSON.stringify({ type: 'user_message', timestamp: '2026-01-31T09:30:00.000Z', data: { text } });
  return put({ topics: [`user:${user}`], body });
};

describe.each(databases)('large records on $name', ({ fixture }) => {
  let store: Store;
  let world: World;
  withStore(fixture, (opened) => {
    store = opened;
  });
  afterEach(() => {
    world.end();
  });

  /** A server, and someone who was away while so many large records came; `reads` counts the pages that were read. */
  async function behind(user: string, records: number) {
    const counted = { reads: 0 };
    const count = <A, R>(read: (query: A) => Promise<R>) => {
      return (query: A): Promise<R> => {
        counted.reads++;
        return read(query);
      };
    };
    world = new World(store, {
      reads: storeWith(store, {
        changesSince: count((query: Parameters<Store['changesSince']>[0]) => store.changesSince(query)),
        initialSnapshot: count((query: Parameters<Store['initialSnapshot']>[0]) => store.initialSnapshot(query)),
      }),
    });
    world.hub.start(await store.head());
    await world.meet(`/ws/?user=${user}`);
    const { term, head } = await store.head();
    for (let n = 0; n < records; n += 10) {
      await store.commit(Array.from({ length: Math.min(10, records - n) }, () => large(user)));
    }
    await world.settle();
    return { counted, head, cursor: cursorAt(user, term, head) };
  }

  test('30 of 900 KB that were missed come each once and in order', async () => {
    const { head, cursor } = await behind('away', 30);
    const connection = await world.connect(`/ws/?user=away&cursor=${cursor}`);
    const revs: unknown[] = [];
    let isSynced = false;
    const read = () => {
      for (const { type, rev, data } of connection.received.splice(0)) {
        if (type === 'synced') isSynced = true;
        if (rev !== undefined) revs.push((data as { text: string }).text === text ? rev : data);
      }
      return isSynced || connection.closed !== null;
    };
    await until(read);
    expect(connection.closed).toBeNull();
    expect(revs).toEqual(Array.from({ length: 30 }, (_, n) => head + 1 + n));
  });

  test.each(['a cursor', 'none'])('who reads nothing is read one page, with %s', async (resumedBy) => {
    const { counted, cursor } = await behind(`slow-${resumedBy.length}`, 10);
    const query = resumedBy === 'none' ? '' : `&cursor=${cursor}`;
    const path = `/ws/?user=slow-${resumedBy.length}${query}`;
    const connection = await world.connect(path, (one) => one.stall());
    await until(() => connection.waiting > 0);
    for (let n = 0; n < 20; n++) await store.head().then(tick);
    expect(counted.reads).toBe(1);
    expect(connection.waiting).toBeLessThan(3 * size);
    connection.flow();
    await until(() => connection.of('synced').length === 1);
    expect(connection.records).toHaveLength(10);
  });
});
