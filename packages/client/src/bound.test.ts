import { expect, test } from 'vitest';
import type { TidingsClient } from './client.ts';
import { createTidingsClient } from './create-client.ts';
import type { Inbox } from './inbox.ts';
import type { InboxView } from './inbox-list.ts';
import { inboxView } from './inbox-view.ts';
import { type Room, room } from './room.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { InboxNetwork } from './testing/inbox-network.ts';

type Methods<T> = { [N in keyof T as T[N] extends (...args: never[]) => unknown ? N : never]: unknown[] };

const id = 'a';
const listener = [() => {}];
// Named in full, so that the compiler asks for each that is added.
const ofClient: Methods<TidingsClient> = {
  ...{ connect: [], disconnect: [], on: ['*', () => {}], onState: listener, subscribe: ['t'] },
  ...{ request: [{ action: 'ping' }], now: [] },
};
const ofView: Methods<InboxView> = { getSnapshot: [], onChange: listener, loadMore: [], close: [] };
const ofInbox: Methods<Inbox> = {
  ...{ getSnapshot: [], onChange: listener, loadMore: [], markSeen: [id], markRead: [id], markUnread: [id] },
  ...{ markAllRead: [], archive: [id], unarchive: [id], snooze: [id, new Date()], unsnooze: [id], answer: [id, 'yes'] },
};
const ofRoom: Methods<Room> = {
  ...{ getSnapshot: [], onChange: listener, loadMore: [], on: ['*', () => {}], send: ['said'], setPresence: [{}] },
  ...{ setState: ['k', 1], removeState: ['k'], markRead: [], retry: [], close: [] },
};
const ofTasks: Methods<TidingsClient['tasks']> = {
  getSnapshot: [],
  get: [id],
  onChange: listener,
  cancel: [id],
  retry: [id],
};

test('every public method works without the object it was taken from', async () => {
  const clock = new FakeClock();
  const network = new InboxNetwork(clock);
  const client = createTidingsClient({ url: 'http://h', clock, WebSocket: network.WebSocket });
  const objects: [object, object][] = [
    [client.inbox, ofInbox],
    [client.tasks, ofTasks],
    [inboxView(client, {}), ofView],
    [room(client, 'project:12'), ofRoom],
    [client, { ...ofClient, disconnect: undefined }],
    [client, { disconnect: [] }],
  ];
  for (const [object, methods] of objects) {
    for (const [name, args] of Object.entries(methods)) {
      if (!args) continue;
      const method = (object as Record<string, (...args: unknown[]) => unknown>)[name] as (
        ...args: unknown[]
      ) => unknown;
      const result: unknown = Reflect.apply(method, undefined, args);
      // This client has no server, so calls may reject; a method that lost its object would reject with a TypeError.
      if (result instanceof Promise) result.catch((error) => expect(error, name).not.toBeInstanceOf(TypeError));
    }
  }
  await network.flush();
});

test('onChange and getSnapshot serve as a store of their own, as React’s useSyncExternalStore takes them', async () => {
  const clock = new FakeClock();
  const network = new InboxNetwork(clock);
  const client = createTidingsClient({ url: 'http://h', clock, WebSocket: network.WebSocket });
  const { onChange, getSnapshot } = client.inbox;
  let told = 0;
  const off = onChange(() => told++);
  expect(getSnapshot()).toBe(getSnapshot());
  client.connect();
  await network.flush();
  network.server.publish({ type: 'notification', id: 'n1', title: '', message: '' });
  await network.flush();
  clock.advance(16);
  const before = getSnapshot();
  expect(before.items).toHaveLength(1);
  network.cut();
  for (let n = 0; n < 5 && client.state.status !== 'connected'; n++) {
    await network.flush();
    clock.advance(1_000);
  }
  await network.flush();
  expect(getSnapshot()).toBe(before);
  off();
  expect(told).toBeGreaterThan(0);
  client.disconnect();
});
