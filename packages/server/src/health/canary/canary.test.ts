import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { sqliteStore, storeWith, TempFolder } from '../../../testing/temp-store.ts';
import { MemoryBroker } from '../../broker/memory/memory-broker.ts';
import { MemoryEphemeral } from '../../broker/memory/memory-ephemeral.ts';
import type { Store } from '../../domain/ports.ts';
import { Hub } from '../../fanout/hub.ts';
import { systemClock } from '../../jobs/system-clock.ts';
import { Counters } from '../../telemetry/counters.ts';
import { silent } from '../../telemetry/events.ts';
import { AbandonedRecords } from './abandoned-records.ts';
import { Canary } from './canary.ts';
import { canaryProbe } from './canary-probe.ts';
import { canaryWrite } from './record.ts';

let store: Store;
beforeEach(async () => {
  const folder = new TempFolder();
  store = sqliteStore(folder.file());
  onTestFinished(async () => {
    await store.close();
    folder.remove();
  });
});

/** A canary of a store, whose connections lead to a server of the test's. */
async function canaryTo(serve: (socket: Socket) => void, over: Partial<Store> = {}): Promise<Canary> {
  const server = createServer((socket) => serve(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const broker = new MemoryBroker();
  store.onBatch((batch) => broker.publish(batch));
  const hub = new Hub({
    ...{ store, broker, clock: systemClock, telemetry: silent, counters: new Counters(), gapMs: 5, holdLimit: 10 },
  });
  hub.start(await store.open());
  onTestFinished(() => hub.stop());
  const parts = { node: 'n1', hub, ephemeral: new MemoryEphemeral(), clock: systemClock };
  const canary = new Canary({ ...parts, store: storeWith(store, over) });
  onTestFinished(() => canary.stop());
  canary.connectBy({ secret: 's', loopback: () => ({ way: 'loopback', connect: () => connect(port, '127.0.0.1') }) });
  return canary;
}

const verdict = async (canary: Canary) => canaryProbe(canary).run();

describe('a record that is released and does not arrive is shown by transport, with the reason', () => {
  test('where the port takes connections and nobody answers', async () => {
    const canary = await canaryTo(() => {});
    await canary.run();
    expect((await verdict(canary)).state, 'one alone').toBe('degraded');
    await canary.run();
    expect(await verdict(canary)).toMatchObject({
      state: 'down',
      reasons: [
        expect.stringMatching(
          /^a record was released, and did not arrive by WebSocket \(no connection was made in 2 s\), Server-Sent Events \(no .*\), long polling \(no /,
        ),
      ],
    });
    expect(canary.counts).toEqual({ sent: 2, lost: 2 });
    expect(canary.view()).toMatchObject({ hub_ms: expect.any(Number), websocket_ms: null });
  });

  test('where connections are cut', async () => {
    const canary = await canaryTo((socket) => void socket.destroy());
    await canary.run();
    expect((await verdict(canary)).state, 'one alone').toBe('degraded');
    await canary.run();
    expect(await verdict(canary)).toMatchObject({
      state: 'down',
      reasons: [expect.stringMatching(/WebSocket \(socket hang up\)/)],
    });
  });

  test('where requests are refused', async () => {
    const canary = await canaryTo((socket) => void socket.end('HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n'));
    await canary.run();
    expect((await verdict(canary)).state, 'one alone').toBe('degraded');
    await canary.run();
    expect(await verdict(canary)).toMatchObject({
      state: 'down',
      reasons: [expect.stringMatching(/Server-Sent Events \(it was answered 503\)/)],
    });
  });
});

test('a commit that hangs is shown, and followed by no other until it ends', async () => {
  let commits = 0;
  const hanging = Promise.withResolvers<never>();
  const commit = (): Promise<never> => {
    commits++;
    return hanging.promise;
  };
  const canary = await canaryTo((socket) => void socket.destroy(), { commit });
  await canary.run();
  await canary.run();
  expect(commits).toBe(1);
  expect(await verdict(canary)).toMatchObject({
    state: 'down',
    reasons: ['a record could not be committed: there is no answer yet; look at the database'],
  });
  hanging.reject(new Error('it went away'));
  await canary.run();
  expect((await verdict(canary)).reasons, 'and tried again').toEqual([
    'a record could not be committed: it went away; look at the database',
  ]);
});

test('the database keeps one record of a node’s, and no mark of its times, however often it is sent', async () => {
  const canary = await canaryTo((socket) => void socket.destroy());
  for (let n = 0; n < 3; n++) await canary.run();
  const { head } = await store.head();
  const { changes } = await store.range(1, head);
  expect(head).toBe(3);
  expect(changes).toMatchObject([{ id: 'canary:n1', rev: 3, kind: 'canary', topics: ['canary'], alertRev: 0 }]);
  expect(await store.revAt(Date.now() + 60_000)).toBe(0);
});

test('the records of nodes that have ended are removed after a minute, and those that are renewed stay, as a node’s own does', async () => {
  await store.open();
  const records = new AbandonedRecords('n1', store);
  const beat = (node: string, n: number) => store.commit([canaryWrite({ node, beat: n })]);
  for (const node of ['n1', 'n2', 'n3']) await beat(node, 1);
  const ids = async () => (await store.canaryRecords()).map(({ id }) => id).sort();
  await records.sweep();
  await beat('n2', 2);
  expect(await ids()).toEqual(['canary:n1', 'canary:n2', 'canary:n3']);
  await records.sweep();
  expect(await ids()).toEqual(['canary:n1', 'canary:n2']);
});
