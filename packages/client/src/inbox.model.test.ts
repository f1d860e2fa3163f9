import type { ClientAction } from '@tidings/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTidingsClient } from './create-client.ts';
import { inboxView } from './inbox-view.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { InboxNetwork } from './testing/inbox-network.ts';

const second = 1_000;
const minute = 60 * second;
const categories = [undefined, 'approvals', 'imports'];
const marks = ['mark_read', 'mark_unread', 'mark_seen', 'archive', 'unarchive', 'snooze', 'unsnooze'] as const;

/** A step: at the back end, here, on another device, or on the connection. */
type Step =
  | { do: 'publish'; category: number }
  | { do: 'edit' | 'renew' | 'expire' | 'retract'; at: number }
  | { do: 'mark'; mark: (typeof marks)[number]; at: number; here: boolean }
  | { do: 'read all'; here: boolean }
  | { do: 'flush' | 'wait' | 'cut' | 'load' | 'replies first' | 'forget' | 'undo read all' | 'reload' };

const at = fc.nat(30);
const here = fc.boolean();
const plain = <D extends string>(name: D) => fc.constant({ do: name });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('publish' as const), category: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('edit', 'renew', 'expire', 'retract'), at }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constant('mark' as const), mark: fc.constantFrom(...marks), at, here }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('read all' as const), here }) },
  { weight: 6, arbitrary: plain('flush') },
  { weight: 2, arbitrary: fc.oneof(plain('wait'), plain('cut'), plain('load')) },
  { weight: 1, arbitrary: fc.oneof(plain('replies first'), plain('forget')) },
  { weight: 2, arbitrary: fc.oneof(plain('undo read all'), plain('reload')) },
);

/** Two devices of one person: one is the client under test, the other is played by the server itself. */
class Play {
  readonly clock = new FakeClock();
  readonly network = new InboxNetwork(this.clock);
  readonly client = createTidingsClient({
    ...{ url: 'http://h', clock: this.clock, WebSocket: this.network.WebSocket, random: () => 0.5 },
  });
  /** Every notification there ever was. */
  readonly ids: string[] = [];

  run(next: Step): void {
    const { server } = this.network;
    const id = this.ids[('at' in next ? next.at : 0) % Math.max(1, this.ids.length)] ?? 'nobody’s';
    if (next.do === 'publish') this.publish(categories[next.category]);
    else if (next.do === 'mark') this.mark(next.mark, id, next.here);
    else if (next.do === 'read all')
      this.act({ action: 'mark_all_read' }, () => this.client.inbox.markAllRead(), next.here);
    else if (next.do === 'wait') {
      this.clock.advance(2 * minute);
      server.wake();
    } else if (next.do === 'cut') this.network.cut();
    else if (next.do === 'load') this.client.inbox.loadMore().catch(() => {});
    else if (next.do === 'replies first') this.network.repliesFirst = !this.network.repliesFirst;
    else if (next.do === 'forget') this.network.forgets = !this.network.forgets;
    else if (next.do === 'undo read all') this.undoReadAll();
    else if (next.do === 'reload') this.reload();
    else if (next.do !== 'flush' && server.has(id)) {
      if (next.do === 'edit') server.edit(id, { message: 'corrected' });
      if (next.do === 'expire') server.edit(id, { expired: true });
      if (next.do === 'renew') server.renew(id, { message: 'renewed', expired: undefined });
      if (next.do === 'retract') server.retract(id);
    }
  }

  /** All that is unread here is read together, and marked as unread again, one by one. */
  undoReadAll(): void {
    const unread = this.client.inbox.getSnapshot().items.filter(({ read }) => !read);
    this.act({ action: 'mark_all_read' }, () => this.client.inbox.markAllRead(), true);
    for (const { id } of unread) this.mark('mark_unread', id, true);
  }

  /** The client begins anew, with what a client without a cursor is sent. */
  reload(): void {
    this.network.forgets = true;
    this.network.cut();
  }

  publish(category: string | undefined): void {
    this.ids.push(this.network.server.publish({ type: 'user_message', message: 'm', category }).id);
  }

  mark(mark: (typeof marks)[number], id: string, isHere: boolean): void {
    const until = new Date(this.clock.now() + minute);
    const { inbox } = this.client;
    const acts = {
      mark_read: () => inbox.markRead(id),
      mark_unread: () => inbox.markUnread(id),
      mark_seen: () => inbox.markSeen(id),
      archive: () => inbox.archive(id),
      unarchive: () => inbox.unarchive(id),
      snooze: () => inbox.snooze(id, until),
      unsnooze: () => inbox.unsnooze(id),
    };
    this.act({ action: mark, ids: [id], until: until.toISOString() } as ClientAction, acts[mark], isHere);
  }

  act(there: ClientAction, ours: () => Promise<void>, isHere: boolean): void {
    if (isHere) ours().catch(() => {});
    else if (!('ids' in there) || this.network.server.has(there.ids?.[0] ?? '')) this.network.server.act(there);
  }

  /** Lets everything arrive, and brings the line back. */
  async rest(): Promise<void> {
    for (let n = 0; n < 4 || this.client.state.status !== 'connected'; n++) {
      await this.network.flush();
      this.clock.advance(this.client.state.status === 'connected' ? second : 10 * second);
    }
  }
}

test('whatever happens, here, elsewhere and on the way: list, read state and counts are the server’s once all is quiet', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const play = new Play();
      const { client, network } = play;
      for (let n = 0; n < 25; n++) play.publish(categories[n % 3]);
      client.connect();
      await play.rest();
      const views = [
        inboxView(client, { view: 'archived' }),
        inboxView(client, { view: 'snoozed' }),
        inboxView(client, { unread: true }),
      ];
      await play.rest();
      for (const next of steps) {
        play.run(next);
        if (next.do === 'flush') await network.flush();
        if (/^(undo|reload)/.test(next.do)) await play.rest();
      }
      await play.rest();

      const { server } = network;
      const { unread_count: unread, categories: each } = server.counts();
      expect(client.inbox.getSnapshot().counts).toEqual({ unread, categories: each });
      const held = () => client.inbox.getSnapshot().items;
      const unreadHere = () => held().flatMap(({ id, read, expired }) => (read || expired ? [] : [id]));
      const unreadThere = () => held().flatMap(({ id }) => (server.isUnread(id) ? [id] : []));
      // Items that are loaded later have their read state with them.
      expect(unreadHere()).toEqual(unreadThere());
      for (const list of [client.inbox, ...views]) {
        for (let n = 0; list.getSnapshot().hasMore && n < 9; n++) {
          const loading = list.loadMore();
          await play.rest();
          await loading;
        }
      }
      expect(held().map(({ id }) => id)).toEqual(server.ids('inbox'));
      expect(unreadHere()).toEqual(unreadThere());
      const [archived, snoozed, still] = views.map((view) => view.getSnapshot().items.map(({ id }) => id));
      expect(archived).toEqual(server.ids('archived'));
      expect(snoozed).toEqual(server.ids('snoozed'));
      expect(still).toEqual(server.ids('inbox').filter((id) => server.isUnread(id)));
      client.disconnect();
    }),
    {
      numRuns: 500,
      examples: [[[{ do: 'undo read all' }, { do: 'reload' }, { do: 'mark', mark: 'mark_read', at: 20, here: true }]]],
    },
  );
});

test('what was marked as unread again stays unread after a reload, when the first receipts come', async () => {
  const play = new Play();
  const { client, network } = play;
  for (let n = 0; n < 5; n++) play.publish(undefined);
  client.connect();
  await play.rest();
  play.undoReadAll();
  await play.rest();
  expect(client.inbox.getSnapshot().unreadCount).toBe(5);
  play.reload();
  await play.rest();
  play.mark('mark_read', play.ids[2] as string, true);
  await play.rest();
  const { items, unreadCount } = client.inbox.getSnapshot();
  expect([unreadCount, items.filter(({ read }) => !read).length]).toEqual([4, 4]);
  network.server.act({ action: 'mark_all_read' });
  await play.rest();
  expect(client.inbox.getSnapshot()).toMatchObject({
    unreadCount: 0,
    items: [{}, {}, {}, {}, {}].map(() => ({ read: true })),
  });
  client.disconnect();
});
