import type { LinkedTask } from '@tidings/protocol';
import { describe, expect, test } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { openerOf, type WhenFinished } from '../../testing/store-fixture.ts';
import { identity, TaskNode } from '../../testing/task-node.ts';
import { rights } from '../../testing/temp-store.ts';
import { editNotification, retractNotification } from './notifications.ts';
import { notifyEach, notifyMany } from './notify.ts';
import { cancelTask, getTask, reportTask, startTask } from './tasks.ts';

const caller = { kind: 'back_end', scope: 'tests' } as const;

describe.each(databases)('a notification that follows a task, on $name', ({ fixture }) => {
  const open = openerOf(fixture);
  async function start(whenFinished: WhenFinished) {
    const opened = await open(whenFinished);
    const { store, clock, batches } = opened;
    const node = await TaskNode.begin(store, clock);
    whenFinished(() => node.stop());
    /** A second node on the same database, or the same one where there can be none. */
    const another = async () => {
      const other = await opened.another();
      return other === store ? node : TaskNode.begin(other, clock, node.broker);
    };
    const report = (taskId: string, body: object) => reportTask(node.context, taskId, body);
    return { ...opened, node, another, report, batches, clock };
  }

  test('is one item from queued to its end, changed in the very commits that change the task', async ({
    onTestFinished,
  }) => {
    const { node, report, clock, batches } = await start(onTestFinished);
    const ann = node.person('ann');
    const { id, rev } = await node.notify({ task_id: 't', title: 'Import' });
    expect((await node.frame(id)).task).toMatchObject({ task_id: 't', status: 'queued', progress: 0, eta: null });
    const seen: Partial<LinkedTask>[] = [];
    for (const step of [{ status: 'processing' }, { progress: 25, step: 'Rows' }, { status: 'failed', error: 'x' }]) {
      clock.now += 10_000;
      await report('t', step);
      const frame = await node.frame(id);
      expect(frame.task).toEqual(await node.shown('t'));
      expect(frame).toMatchObject({ title: 'Import', alert_rev: rev });
      seen.push(frame.task as LinkedTask);
    }
    const eta = new Date(clock.now - 10_000 + 30_000).toISOString();
    expect(seen).toMatchObject([
      { status: 'processing', eta: null },
      { status: 'processing', progress: 25, step: 'Rows', eta, can_retry: false },
      { status: 'failed', error: 'x', eta: null, can_retry: false },
    ]);
    const changes = batches.flatMap((batch) => batch.changes.map((change) => ({ ...change, batch: batch.to })));
    const [commits, tasks] = [id, 'task:t'].map((of) => changes.filter((one) => one.id === of).map((one) => one.batch));
    expect(commits).toEqual(tasks);
    expect(await ann.list()).toEqual([id]);
    expect(await ann.unread()).toBe(1);
  });

  test('what was read stays read while the task goes on', async ({ onTestFinished }) => {
    const { node, report } = await start(onTestFinished);
    const ann = node.person('ann');
    const { id } = await node.notify({ task_id: 't' });
    await ann.mark('read', id);
    await report('t', { progress: 50 });
    expect(await ann.unread()).toBe(0);
    expect((await ann.items())[0]?.receipt?.read_at).not.toBeNull();
  });

  test('progress that comes fast is merged, and the last is shown', async ({ onTestFinished }) => {
    const { node, report, store } = await start(onTestFinished);
    const { id, rev } = await node.notify({ task_id: 't' });
    await Promise.all(Array.from({ length: 100 }, (_, n) => report('t', { progress: n })));
    expect((await node.frame(id)).task?.progress).toBe(99);
    // Each version of the task is one rev, and one of the notification.
    expect((await store.head()).head - rev).toBeLessThan(30);
  });

  test('reports, publications and edits on several nodes at once leave it showing the newest', async ({
    onTestFinished,
  }) => {
    const { node, another } = await start(onTestFinished);
    const nodes = [node, await another()];
    const first = await node.notify({ task_id: 't' });
    const ids = [first.id];
    await Promise.all(
      Array.from({ length: 24 }, async (_, n) => {
        const at = nodes[n % 2] as TaskNode;
        if (n % 6 === 5) ids.push((await at.notify({ task_id: 't', to: { user: `u${n}` } })).id);
        else if (n % 6 === 4) await editNotification(at.context, first.id, { title: `title ${n}` });
        else await reportTask(at.context, 't', { progress: n, message: `from ${n % 2}` });
      }),
    );
    const shown = await node.shown('t');
    for (const id of ids) expect((await node.frame(id)).task).toEqual(shown);
    expect(await node.linkedTo('t')).toHaveLength(ids.length);
    expect((await node.frame(first.id)).title).toMatch(/^title/);
  });

  test("a task that only a notification knows is its one recipient's, until a report says whose it is", async ({
    onTestFinished,
  }) => {
    const { node, report } = await start(onTestFinished);
    const { id } = await node.notify({ task_id: 't', to: { user: 'ann' } });
    const read = (user: string) => getTask(node.context, identity(user), 't');
    expect((await read('ann')).status).toBe('queued');
    await expect(read('eve')).rejects.toMatchObject({ code: 'not_found' });
    await report('t', { owner: 'bob', progress: 10 });
    await expect(read('ann')).rejects.toMatchObject({ code: 'not_found' });
    expect((await read('bob')).progress).toBe(10);
    // Ann goes on to see what the sender chose to show.
    expect((await node.frame(id)).task?.progress).toBe(10);
    await expect(cancelTask(node.context, identity('ann'), 't')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a name that is known is that user too', async ({ onTestFinished }) => {
    const { node, store } = await start(onTestFinished);
    await store.commit([{ op: 'bind', userId: 'ann', username: 'ann@example' }]);
    await node.notify({ task_id: 't', to: { username: 'ann@example' } });
    expect((await getTask(node.context, identity('ann'), 't')).owner).toBe('ann');
  });

  test('one that many hear opens the unknown task to nobody', async ({ onTestFinished }) => {
    const { node, store, report } = await start(onTestFinished);
    await store.commit([rights('ann', ['staff'])]);
    const { id } = await node.notify({ task_id: 't', to: { role: 'staff' } });
    const read = (user: string, roles: string[] = []) => getTask(node.context, identity(user, roles), 't');
    await expect(read('ann', ['staff'])).rejects.toMatchObject({ code: 'not_found' });
    expect((await read('root', ['admin'])).status).toBe('queued');
    const { viewers } = (await store.record('task:t')) ?? {};
    expect(viewers).toEqual({ users: [], former: [], leaving: [] });
    await report('t', { progress: 5 });
    expect((await read('eve')).progress).toBe(5);
    expect((await node.frame(id)).task?.progress).toBe(5);
    expect(await node.person('ann', ['staff']).list()).toEqual([id]);
  });

  test('a start with a key begins the task that a notification was first to name, once', async ({ onTestFinished }) => {
    const { node, report } = await start(onTestFinished);
    const { id } = await node.notify({ task_id: 't' });
    const begin = () => startTask(node.context, caller, { task_id: 't', name: 'Import', idempotency_key: 'k' });
    expect((await begin()).name).toBe('Import');
    await report('t', { progress: 30 });
    expect(await begin()).toMatchObject({ status: 'processing', progress: 30 });
    expect((await node.frame(id)).task).toMatchObject({ status: 'processing', progress: 30 });
  });

  test('the same key again is answered as a duplicate, and followed by nothing new', async ({ onTestFinished }) => {
    const { node, another, store } = await start(onTestFinished);
    const other = await another();
    const send = (at: TaskNode, over = {}) => at.notify({ task_id: 't', idempotency_key: 'k', ...over });
    const results = await Promise.all([send(node), send(other), send(node), send(other)]);
    expect(new Set(results.map(({ id }) => id)).size).toBe(1);
    expect(results.filter(({ duplicate }) => duplicate)).toHaveLength(3);
    expect(await node.linkedTo('t')).toEqual([results[0]?.id]);
    const { head } = await store.head();
    await expect(send(node, { message: 'Other' })).rejects.toMatchObject({ code: 'idempotency_mismatch' });
    expect((await store.head()).head).toBe(head);
  });

  test('an atomic batch stores notifications and tasks together, or nothing', async ({ onTestFinished }) => {
    const { node, batches } = await start(onTestFinished);
    const item = (over: object) => ({ to: { user: 'ann' }, message: 'm', ...over });
    await node.notify({ message: 'before', idempotency_key: 'used' });
    const good = [item({ task_id: 'b' }), item({}), item({ task_id: 'a' }), item({ task_id: 'b' })];
    const bad = notifyMany(node.context, caller, [...good, item({ idempotency_key: 'used' })]);
    await expect(bad).rejects.toMatchObject({ code: 'idempotency_mismatch', index: 4 });
    expect(await node.tasks.get('a')).toBeNull();
    const results = await notifyMany(node.context, caller, good);
    const batch = batches.at(-1);
    expect(results.map(({ rev }) => rev)).toEqual([3, 2, 1, 0].map((n) => (batch?.to ?? 0) - n));
    expect(batch?.changes.map(({ id }) => id).slice(0, 2)).toEqual(['task:b', 'task:a']);
    expect(await node.linkedTo('b')).toEqual([results[0]?.id, results[3]?.id]);
  });

  test('of a batch that is not atomic a bad item fails alone, in order with the others', async ({ onTestFinished }) => {
    const { node } = await start(onTestFinished);
    await node.notify({ message: 'before', idempotency_key: 'used' });
    const item = (over: object) => ({ to: { user: 'ann' }, message: 'm', ...over });
    const twice = { task_id: 'a', idempotency_key: 'twice' };
    const results = await notifyEach(node.context, caller, [
      ...[item({ task_id: 'a' }), item({ idempotency_key: 'used' }), item({}), item({ task_id: 'a', title: 7 })],
      ...[item(twice), item(twice), item({ ...twice, message: 'other' })],
    ]);
    const codes = results.map((one) => (one.ok ? (one.result.duplicate ? 'duplicate' : 'ok') : one.error.code));
    expect(codes).toEqual([
      'ok',
      'idempotency_mismatch',
      'ok',
      'bad_request',
      'ok',
      'duplicate',
      'idempotency_mismatch',
    ]);
    const stored = results.flatMap((one) => (one.ok && !one.result.duplicate ? [one.result] : []));
    expect(stored.map(({ rev }) => rev)).toEqual([...stored.map(({ rev }) => rev)].sort((a, b) => a - b));
    expect(await node.linkedTo('a')).toEqual([stored[0]?.id, stored[2]?.id]);
  });

  test('ends when the result does, and lives again with the next attempt', async ({ onTestFinished }) => {
    const { node, report, clock } = await start(onTestFinished);
    const { id } = await node.notify({ task_id: 't' });
    const expires_at = new Date(clock.now + 60_000).toISOString();
    await report('t', { status: 'completed', result: { url: '/file', expires_at } });
    expect(await node.frame(id)).toMatchObject({ expires_at, task: { status: 'completed', result: { url: '/file' } } });
    clock.now += 60_000;
    await node.dueJobs.run();
    expect(await node.frame(id)).toMatchObject({ expired: true, task: { status: 'completed' } });
    expect(await node.person('ann').unread()).toBe(0);
    await report('t', { status: 'processing', restart: true });
    const again = await node.frame(id);
    expect(again).toMatchObject({ task: { status: 'processing', attempt: 2 } });
    expect(again).not.toHaveProperty('expired');
    expect(again).not.toHaveProperty('expires_at');
  });

  test('one that is retracted is followed up no more, one that is edited is', async ({ onTestFinished }) => {
    const { node, report } = await start(onTestFinished);
    const [gone, kept] = [await node.notify({ task_id: 't' }), await node.notify({ task_id: 't' })];
    await retractNotification(node.context, gone.id);
    await editNotification(node.context, kept.id, { message: 'Edited' });
    await report('t', { progress: 40 });
    expect(await node.frame(kept.id)).toMatchObject({ message: 'Edited', task: { progress: 40 } });
    expect((await node.frame(gone.id)).type).toBe('retracted');
    expect(await node.linkedTo('t')).toEqual([kept.id]);
  });

  test('one that waits to be released shows the newest when it is', async ({ onTestFinished }) => {
    const { node, report, clock } = await start(onTestFinished);
    const deliver_at = new Date(clock.now + 60_000).toISOString();
    const { id } = await node.notify({ task_id: 't', deliver_at });
    expect((await node.tasks.get('t'))?.state.owner).toBe('ann');
    await report('t', { progress: 70 });
    expect(await node.person('ann').list()).toEqual([]);
    clock.now += 60_000;
    await node.dueJobs.run();
    expect(await node.person('ann').list()).toEqual([id]);
    expect((await node.frame(id)).task?.progress).toBe(70);
    await report('t', { progress: 80 });
    expect((await node.frame(id)).task?.progress).toBe(80);
  });

  test('no more than a hundred follow one task, and a collapse key does not go with that', async ({
    onTestFinished,
  }) => {
    const { node } = await start(onTestFinished);
    const items = Array.from({ length: 101 }, () => ({ to: { user: 'ann' }, message: 'm', task_id: 't' }));
    const results = await notifyEach(node.context, caller, items);
    expect(results.filter(({ ok }) => ok)).toHaveLength(100);
    expect(results.at(-1)).toMatchObject({ error: { code: 'conflict', message: expect.stringContaining('100') } });
    await expect(notifyMany(node.context, caller, items)).rejects.toMatchObject({ code: 'conflict' });
    const both = node.notify({ task_id: 'u', collapse_key: 'k' });
    await expect(both).rejects.toMatchObject({ code: 'bad_request', message: expect.stringContaining('collapse_key') });
  });

  test('a report changes all of a hundred that follow the task, in one commit', async ({ onTestFinished }) => {
    const { node, report, batches } = await start(onTestFinished);
    const items = Array.from({ length: 100 }, (_, n) => ({ to: { user: `u${n}` }, message: 'm', task_id: 't' }));
    const published = await notifyMany(node.context, caller, items);
    await report('t', { progress: 40 });
    expect(batches.at(-1)?.changes.map(({ id }) => id)).toEqual(['task:t', ...published.map(({ id }) => id)]);
    for (const { id } of published) expect((await node.frame(id)).task?.progress).toBe(40);
  });

  test('publishing changes no task that is known: its watchers are told nothing', async ({ onTestFinished }) => {
    const { node, report, batches } = await start(onTestFinished);
    await report('t', { progress: 10 });
    const before = await node.tasks.get('t');
    const { id } = await node.notify({ task_id: 't' });
    await notifyMany(node.context, caller, [{ to: { user: 'bob' }, message: 'm', task_id: 't' }]);
    expect(await node.tasks.get('t')).toEqual(before);
    expect(batches.slice(-2).flatMap((batch) => batch.changes.map(({ kind }) => kind))).toEqual([
      'notification',
      'notification',
    ]);
    await report('t', { progress: 20 });
    expect((await node.frame(id)).task?.progress).toBe(20);
  });

  test('a report that was read before another node linked a notification changes that too', async ({
    onTestFinished,
  }) => {
    const { node, another, report } = await start(onTestFinished);
    const other = await another();
    await report('t', { progress: 10 });
    // Known here by now to have no links, and there to be at 10 %.
    await report('t', { progress: 11 });
    const { id } = await other.notify({ task_id: 't' });
    await report('t', { progress: 20 });
    expect((await node.frame(id)).task?.progress).toBe(20);
    const late = await other.notify({ task_id: 't' });
    expect((await node.frame(late.id)).task?.progress).toBe(20);
  });

  test('what an earlier version has stored of a task is read, and can be followed', async ({ onTestFinished }) => {
    const { store, report } = await start(onTestFinished);
    await report('t', { progress: 10 });
    const record = await store.record('task:t');
    const { awaited: _a, questions: _q, answer: _w, ...old } = JSON.parse(record?.state as string);
    const put = { ...record, op: 'put', state: JSON.stringify(old), expect: record?.rev, alert: 'never', owner: null };
    await store.commit([{ ...put, type: null, search: null, key: null } as never]);
    const fresh = await TaskNode.begin(store, { now: 2_000_000 });
    const { id } = await fresh.notify({ task_id: 't' });
    expect((await fresh.frame(id)).task?.progress).toBe(10);
  });
});
