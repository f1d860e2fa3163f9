import type { NotifyInput } from '@tidings/protocol';
import { describe, expect, test } from 'vitest';
import type { OpenedStore, OpenStore } from '../../testing/store-fixture.ts';
import { frameOf, StorePerson } from '../../testing/store-person.ts';
import { rights } from '../../testing/temp-store.ts';
import { edited, retracted } from '../domain/inbox/lifecycle.ts';
import { publication } from '../domain/inbox/publish.ts';
import { roomStateId, roomStateRecord } from '../domain/room-state.ts';
import type { StoredRecord } from '../domain/store/records.ts';
import { DueJobs } from '../jobs/due-jobs.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** Due items: nothing changes before a process looks, and then once, whichever looks. */
export function timeContract(start: OpenStore): void {
  describe('time', () => {
    /** A database in which somebody publishes by a clock that tests move. */
    async function began(...args: Parameters<OpenStore>) {
      const opened: OpenedStore = await start(...args);
      const { store, clock } = opened;
      const publish = async (input: Partial<NotifyInput>) => {
        const at = { now: clock.now, scope: 'test', connected: [] };
        const [outcome] = await store.commit([publication({ to: { user: '1' }, title: 'x', ...input }, at)]);
        return (outcome as { id: string }).id;
      };
      return { ...opened, publish, in: (ms: number) => iso(clock.now + ms) };
    }

    test.concurrent('what is due is released, expires or returns once, however many nodes look at once', async ({
      onTestFinished,
    }) => {
      const { store, batches, clock, another, publish, ...opened } = await began(onTestFinished);
      const other = await another();
      const ann = new StorePerson(store, '1');
      await store.commit([rights('1', [])]);
      const n = 60;
      for (let i = 0; i < n; i++) {
        await publish({ title: `scheduled ${i}`, deliver_at: opened.in(1_000 + i) });
        await publish({ title: `expires ${i}`, expires_at: opened.in(1_000 + i) });
        const id = await publish({ title: `snoozed ${i}` });
        await ann.mark('snooze', id, { until: clock.now + 1_000 + i });
      }
      expect(await ann.unread()).toBe(n);
      const { head } = await store.head();
      const runs = () => Promise.all([store, other, store, other].map((each) => new DueJobs(each).run()));
      await runs();
      expect((await store.head()).head, 'not yet').toBe(head);
      clock.now += 1_000 + n;
      expect(await ann.unread(), 'time alone changes nothing').toBe(n);
      await runs();
      const { changes } = await store.range(head + 1, (await store.head()).head);
      expect((await store.head()).head).toBe(head + 3 * n);
      expect(changes).toHaveLength(3 * n);
      expect(await ann.unread()).toBe(2 * n);
      expect(await ann.list()).toHaveLength(3 * n);
      await runs();
      expect((await store.head()).head).toBe(head + 3 * n);
      expect(batches.flatMap((batch) => batch.changes.map(({ rev }) => rev)).length).toBeLessThanOrEqual(head + 3 * n);
    });

    test.concurrent('what waits is heard by nobody, is listed soonest first in pages, can be edited and cancelled', async ({
      onTestFinished,
    }) => {
      const { store, clock, publish, ...opened } = await began(onTestFinished);
      await store.commit([rights('1', [])]);
      const ann = new StorePerson(store, '1');
      const soon = [30, 10, 20, 10, 10, 40, 20];
      for (const [i, s] of soon.entries()) await publish({ title: `n${i}`, deliver_at: opened.in(s * 1_000) });
      const everyone = await publish({ to: { everyone: true }, deliver_at: opened.in(50_000), category: 'later' });
      expect([await ann.unread(), await ann.list(), (await ann.since(1)).length]).toEqual([0, [], 0]);
      const pages = async (limit: number) => {
        const found: StoredRecord[] = [];
        for (;;) {
          const last = found.at(-1);
          const after = last ? { dueAt: last.dueAt as number, id: last.id } : null;
          const { records, full } = await store.scheduled({ after, limit });
          found.push(...records);
          if (!full) return found;
        }
      };
      const all = await pages(100);
      expect(all.map(({ dueAt }) => ((dueAt as number) - clock.now) / 1_000)).toEqual([10, 10, 10, 20, 20, 30, 40, 50]);
      for (const limit of [1, 2, 3]) expect((await pages(limit)).map(({ id }) => id)).toEqual(all.map(({ id }) => id));
      const [first, second] = all as [StoredRecord, StoredRecord];
      await store.commit([edited(first, { title: 'edited', category: 'c' }, clock.now)]);
      await store.commit([retracted(second, clock.now)]);
      expect((await pages(3)).map(({ id }) => id)).toEqual([first.id, ...all.slice(2).map(({ id }) => id)]);
      clock.now += 20_000;
      await new DueJobs(store).run();
      expect((await pages(2)).length).toBe(3);
      expect(await ann.counts()).toEqual({ unread: 4, categories: { c: 1 } });
      const released = (await ann.items()).map((item) => frameOf(item));
      expect(released.find(({ id }) => id === first.id)).toMatchObject({ title: 'edited', timestamp: iso(clock.now) });
      expect(released.every((frame) => frame.updated_at === undefined)).toBe(true);
      clock.now += 30_000;
      await new DueJobs(store).run();
      expect(await pages(2)).toEqual([]);
      expect(await store.record(everyone)).toMatchObject({ topics: ['everyone'], status: null });
      expect(await ann.counts()).toEqual({ unread: 7, categories: { c: 1, later: 1 } });
    });

    test.concurrent('what is over when it is let out is let out and over, and what was snoozed past its end returns as over', async ({
      onTestFinished,
    }) => {
      const { store, clock, publish, ...opened } = await began(onTestFinished);
      const ann = new StorePerson(store, '1');
      await publish({ deliver_at: opened.in(1_000), expires_at: opened.in(2_000) });
      const snoozed = await publish({ expires_at: opened.in(2_000) });
      await ann.mark('snooze', snoozed, { until: clock.now + 3_000 });
      clock.now += 10_000;
      const clockwork = new DueJobs(store);
      await clockwork.run();
      await clockwork.run();
      expect(await ann.list()).toHaveLength(2);
      expect((await ann.items()).map((item) => frameOf(item).expired)).toEqual([true, true]);
      expect(await ann.unread()).toBe(0);
    });

    test.concurrent('a snooze that was changed while it was due is not ended', async ({ onTestFinished }) => {
      const { store, clock, publish } = await began(onTestFinished);
      const ann = new StorePerson(store, '1');
      const [later, archived, awake] = [await publish({}), await publish({}), await publish({})];
      await ann.mark('snooze', [later, archived, awake], { until: clock.now + 1_000 });
      clock.now += 2_000;
      const due = await store.dueItems(10);
      expect(due).toMatchObject({ now: clock.now, full: false });
      expect(new Set(due.snoozed.map(({ recordId }) => recordId))).toEqual(new Set([later, archived, awake]));
      await ann.mark('snooze', later, { until: clock.now + 5_000 });
      await ann.mark('archive', archived);
      await ann.mark('unsnooze', awake);
      const asSeen = { dueItems: async () => due, commit: store.commit.bind(store), user: store.user.bind(store) };
      await new DueJobs(asSeen).run();
      expect(await ann.list({ view: 'snoozed' })).toEqual([later]);
      expect(await ann.list({ view: 'archived' })).toEqual([archived]);
      expect(await ann.list()).toEqual([awake]);
      expect(await ann.unread()).toBe(1);
    });

    test.concurrent('a snoozed notification of a role that was lost does not return, nor is it due for ever', async ({
      onTestFinished,
    }) => {
      const { store, clock, publish } = await began(onTestFinished);
      await store.commit([rights('1', ['staff'])]);
      const ann = new StorePerson(store, '1', ['staff']);
      const id = await publish({ to: { role: 'staff' } });
      await ann.mark('snooze', id, { until: clock.now + 1_000 });
      await store.commit([rights('1', [], { issuedAt: 2_000 })]);
      clock.now += 2_000;
      await new DueJobs(store).run();
      expect((await store.dueItems(10)).snoozed).toEqual([]);
      const told = (await ann.since(0)).map(frameOf);
      expect(told.flatMap(({ returned }) => returned ?? [])).toEqual([]);
      expect(told.flatMap(({ items }) => items ?? [])).toMatchObject([{ id, snoozed_until: null }]);
      await store.commit([rights('1', ['staff'], { issuedAt: 3_000 })]);
      expect(await ann.list()).toEqual([id]);
      expect(await ann.unread()).toBe(1);
    });

    test.concurrent('a key of a room is removed when its time is over, unless it was set again', async ({
      onTestFinished,
    }) => {
      const { store, clock } = await began(onTestFinished);
      const room = 'project:12';
      const set = async (key: string, ms: number | null) => {
        const entry = { room, key, value: key, from: null, expiresAt: ms === null ? null : clock.now + ms };
        await store.commit([roomStateRecord(entry, clock.now, { expect: undefined, once: null, keys: undefined })]);
      };
      const keys = async () => {
        const entries = await store.roomState({ topic: `room:${room}`, userId: '1', isGranted: true });
        return entries.map((entry) => frameOf(entry).key).sort();
      };
      for (const [key, ms] of [
        ['short', 1_000],
        ['long', 60_000],
        ['kept', 1_000],
        ['ever', null],
      ] as const)
        await set(key, ms);
      await set('kept', 60_000);
      expect(await keys()).toEqual(['ever', 'kept', 'long', 'short']);
      clock.now += 2_000;
      await new DueJobs(store).run();
      expect(await keys()).toEqual(['ever', 'kept', 'long']);
      expect((await store.record(roomStateId(room, 'short')))?.kind).toBe('retracted');
      clock.now += 60_000;
      await new DueJobs(store).run();
      expect(await keys()).toEqual(['ever']);
      expect((await store.dueItems(10)).records).toEqual([]);
    });

    test.concurrent('a clock that is set back ends nothing early and begins nothing anew', async ({
      onTestFinished,
    }) => {
      const { store, clock, publish, ...opened } = await began(onTestFinished);
      const ann = new StorePerson(store, '1');
      await publish({ deliver_at: opened.in(10_000) });
      await publish({ expires_at: opened.in(10_000) });
      clock.now += 20_000;
      await new DueJobs(store).run();
      const list = await ann.list();
      const { head } = await store.head();
      clock.now -= 86_400_000;
      await new DueJobs(store).run();
      expect((await store.head()).head).toBe(head);
      expect([await ann.list(), await ann.unread()]).toEqual([list, 1]);
      const id = await publish({ title: 'of yesterday' });
      expect(await ann.list(), 'the order is that of the revs').toEqual([id, ...list]);
    });
  });
}
