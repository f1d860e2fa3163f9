import { describe, expect, test } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { openerOf, type WhenFinished } from '../../testing/store-fixture.ts';
import { identity, TaskNode } from '../../testing/task-node.ts';
import { rights, storeWith } from '../../testing/temp-store.ts';
import { callbackUrlOf } from '../domain/inbox/answers.ts';
import { answerNotification, answersSince, answerTask, waitForAnswer } from './answers.ts';
import { editNotification, getNotification, retractNotification } from './notifications.ts';
import { getTask, reportTask } from './tasks.ts';

const actions = [
  { id: 'approve', label: 'Approve', style: 'primary' },
  { id: 'reject', label: 'Reject', style: 'danger' },
];
const atOnce = { ms: 0 };

describe.each(databases)('answers, on $name', ({ fixture }) => {
  const open = openerOf(fixture);
  async function start(whenFinished: WhenFinished) {
    const opened = await open(whenFinished);
    const { store, clock } = opened;
    const node = await TaskNode.begin(store, clock);
    whenFinished(() => node.stop());
    const another = async () => {
      const other = await opened.another();
      return other === store ? node : TaskNode.begin(other, clock, node.broker);
    };
    const ask = (over: object = {}) => node.notify({ title: 'Transfer 7', actions, ...over });
    const answer = (user: string, id: string, action_id = 'approve', more: { comment?: string; at?: TaskNode } = {}) =>
      answerNotification((more.at ?? node).context, identity(user), { id, action_id, comment: more.comment });
    const answers = (after = 0) => answersSince(node.context, { after, limit: 100 }, atOnce);
    return { ...opened, node, another, ask, answer, answers };
  }

  test('what is refused stores nothing, not even that its author has seen the question', async ({ onTestFinished }) => {
    const { ask, answer, store, node } = await start(onTestFinished);
    const { id } = await ask();
    const { head } = await store.head();
    await expect(answer('ann', id, 'no such button')).rejects.toMatchObject({ code: 'bad_request' });
    await expect(answer('eve', id)).rejects.toMatchObject({ code: 'not_found' });
    expect((await store.head()).head).toBe(head);
    expect(await node.person('ann').unread()).toBe(1);
  });

  test('the first is the answer: in place, without buttons, read by who gave it, and told once', async ({
    onTestFinished,
  }) => {
    const { node, ask, answer, answers, clock, batches } = await start(onTestFinished);
    const { id, rev } = await ask({ to: { users: ['ann', 'bob'] }, external_id: 'x7' });
    const [ann, bob] = [node.person('ann'), node.person('bob')];
    const given = {
      ...{ action_id: 'approve', label: 'Approve', style: 'primary', user_id: 'ann', username: 'ann@example' },
      comment: 'Fine',
      answered_at: new Date(clock.now).toISOString(),
    };
    expect(await answer('ann', id, 'approve', { comment: 'Fine' })).toEqual({ id, answer: given });
    const frame = await node.frame(id);
    expect(frame).toMatchObject({ title: 'Transfer 7', answer: given, alert_rev: rev });
    expect(frame).not.toHaveProperty('actions');
    expect([await ann.unread(), await bob.unread()], 'it asks nobody any more').toEqual([0, 0]);
    expect(await bob.list({ unread: true })).toEqual([]);
    expect(await bob.list()).toEqual([id]);
    expect(batches.at(-1)?.changes.map(({ kind }) => kind)).toEqual(['notification', 'answer', 'receipts']);
    expect(await answers()).toEqual({
      items: [{ id, external_id: 'x7', task_id: null, ...given, rev: expect.any(Number) }],
      next_after: batches.at(-1)?.changes[1]?.rev,
    });
    expect(await getNotification(node.context, id)).toMatchObject({ status: 'answered', answer: given });
  });

  test('two devices, two people, two nodes at the same moment: one answer, and the others are told whose', async ({
    onTestFinished,
  }) => {
    const { another, node, ask, answer, answers } = await start(onTestFinished);
    const other = await another();
    for (const task_id of [undefined, 't']) {
      const { id, rev } = await ask({ to: { users: ['ann', 'bob'] }, task_id });
      const results = await Promise.allSettled([
        ...[answer('ann', id, 'approve'), answer('bob', id, 'reject', { at: other })],
        ...[answer('ann', id, 'approve', { at: other }), answer('ann', id, 'reject')],
      ]);
      const won = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const lost = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      expect(won.filter(({ repeated }) => !repeated)).toHaveLength(1);
      const [{ answer: given }] = won as [(typeof won)[0]];
      for (const one of won) expect(one.answer).toEqual(given);
      for (const reason of lost) {
        expect(reason).toMatchObject({ code: 'conflict' });
        expect(reason.message).toContain(`${given.username} answered "${given.action_id}" at ${given.answered_at}`);
      }
      expect((await node.frame(id)).answer).toEqual(given);
      expect((await answers(rev)).items).toMatchObject([{ id, ...given }]);
    }
  });

  test('the same answer by the same person again is replied to alike, and changes nothing', async ({
    onTestFinished,
  }) => {
    const { ask, answer, store } = await start(onTestFinished);
    for (const task_id of [undefined, 't']) {
      const { id } = await ask({ task_id });
      const first = await answer('ann', id, 'reject', { comment: 'no' });
      const { head } = await store.head();
      expect(await answer('ann', id, 'reject')).toEqual({ ...first, repeated: true });
      await expect(answer('ann', id, 'approve')).rejects.toMatchObject({ code: 'conflict' });
      expect((await store.head()).head).toBe(head);
    }
  });

  test("somebody else's is answered as one that does not exist", async ({ onTestFinished }) => {
    const { ask, answer, store } = await start(onTestFinished);
    await store.commit([rights('eve', [])]);
    const personal = await ask();
    const roles = await ask({ to: { role: 'staff' } });
    const sentence = async (id: string) => {
      const error = await answer('eve', id).catch((reason) => reason);
      expect(error.code).toBe('not_found');
      return error.message.replace(id, '…');
    };
    const { head } = await store.head();
    expect(await sentence(personal.id)).toBe(await sentence('n0'));
    expect(await sentence(roles.id)).toBe(await sentence('n0'));
    expect((await store.head()).head).toBe(head);
    await store.commit([rights('eve', ['staff'], { issuedAt: 3_000 })]);
    // A role makes it hers, if what she says of her roles is what the server knows.
    await expect(answer('eve', roles.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test("a role's is answered by whoever of them comes first", async ({ onTestFinished }) => {
    const { node, ask, store } = await start(onTestFinished);
    await store.commit([rights('ann', ['staff']), rights('bob', ['staff'])]);
    const { id } = await ask({ to: { role: 'staff' } });
    const say = (user: string) =>
      answerNotification(node.context, identity(user, ['staff']), { id, action_id: 'approve' });
    expect((await say('bob')).answer.user_id).toBe('bob');
    await expect(say('ann')).rejects.toMatchObject({ code: 'conflict' });
    const [ann, bob] = [node.person('ann', ['staff']), node.person('bob', ['staff'])];
    expect([await ann.unread(), await bob.unread()]).toEqual([0, 0]);
  });

  test('what has no such button, has expired or was retracted is refused with what can be done', async ({
    onTestFinished,
  }) => {
    const { node, ask, answer, clock } = await start(onTestFinished);
    const { id } = await ask({ expires_at: new Date(clock.now + 1_000).toISOString() });
    await expect(answer('ann', id, 'maybe')).rejects.toMatchObject({
      ...{ code: 'bad_request', message: expect.stringContaining('("approve", "reject"); got "maybe"') },
    });
    const plain = await node.notify({});
    await expect(answer('ann', plain.id)).rejects.toMatchObject({ code: 'bad_request' });
    clock.now += 1_000;
    await node.dueJobs.run();
    const expired = { code: 'conflict', message: expect.stringContaining('expired') };
    await expect(answer('ann', id)).rejects.toMatchObject(expired);
    const gone = await ask();
    await retractNotification(node.context, gone.id);
    const retracted = { code: 'conflict', message: expect.stringContaining('retracted') };
    await expect(answer('ann', gone.id)).rejects.toMatchObject(retracted);
    await expect(answer('eve', gone.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('an answer and an edit, or a retraction, at the same moment: both hold, or there is no answer', async ({
    onTestFinished,
  }) => {
    const { node, another, ask, answer, answers } = await start(onTestFinished);
    const other = await another();
    const edited = await ask();
    await Promise.all([
      answer('ann', edited.id),
      editNotification(other.context, edited.id, { title: 'Edited' }),
      editNotification(node.context, edited.id, { message: 'too' }),
    ]);
    expect(await node.frame(edited.id)).toMatchObject({ title: 'Edited', message: 'too', answer: { user_id: 'ann' } });
    for (let n = 0; n < 5; n++) {
      const { id, rev } = await ask();
      const [said] = await Promise.allSettled([answer('ann', id), retractNotification(other.context, id)]);
      expect((await answers(rev)).items.filter((one) => one.id === id)).toHaveLength(
        said.status === 'fulfilled' ? 1 : 0,
      );
    }
  });

  test('a task that waits goes on with it, and shows it to who asks', async ({ onTestFinished }) => {
    const { node, ask, answer, answers } = await start(onTestFinished);
    const report = (body: object) => reportTask(node.context, 't', body);
    await report({ owner: 'ann', progress: 40 });
    const { id } = await ask({ task_id: 't' });
    await report({ status: 'waiting', message: 'Approve?' });
    expect((await node.frame(id)).task).toMatchObject({ status: 'waiting', eta: null });
    await answer('ann', id, 'approve');
    expect(await getTask(node.context, null, 't')).toMatchObject({
      ...{ status: 'processing', progress: 40, answer: { action_id: 'approve', user_id: 'ann' } },
    });
    expect(await node.frame(id)).toMatchObject({ task: { status: 'processing' }, answer: { action_id: 'approve' } });
    const before = await answers();
    await report({ progress: 60 });
    await report({ status: 'completed' });
    expect(await node.frame(id)).toMatchObject({ task: { status: 'completed' }, answer: { action_id: 'approve' } });
    // The notification has moved on; its answer stays where it was.
    expect(await answers()).toEqual(before);
    expect((await answers(before.next_after)).items).toEqual([]);
  });

  test('a task is answered by its people without the notification', async ({ onTestFinished }) => {
    const { node, ask } = await start(onTestFinished);
    const decide = (user: string, value: unknown, roles: string[] = []) =>
      answerTask(node.context, identity(user, roles), { task_id: 't', answer: value });
    const waits = () => reportTask(node.context, 't', { owner: 'ann', followers: ['bob'], status: 'waiting' });
    await waits();
    await expect(decide('eve', 'yes')).rejects.toMatchObject({ code: 'not_found' });
    expect(await decide('bob', { amount: 7 })).toEqual({ task_id: 't', status: 'processing' });
    const said = { action_id: null, value: { amount: 7 }, user_id: 'bob' };
    expect(await getTask(node.context, null, 't')).toMatchObject({ status: 'processing', answer: said });
    await expect(decide('ann', 'x')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('waits'),
    });
    await waits();
    const { id } = await ask({ task_id: 't', to: { user: 'carl' } });
    await expect(decide('ann', 'x')).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('"approve"'),
    });
    expect(await decide('root', { action_id: 'reject', comment: 'late' }, ['admin'])).toMatchObject({
      status: 'processing',
    });
    expect(await node.frame(id)).toMatchObject({ answer: { action_id: 'reject', user_id: 'root', comment: 'late' } });
    expect(await node.person('carl').unread()).toBe(0);
  });

  test('where an answer is to be posted is stored with it, and is told to nobody', async ({ onTestFinished }) => {
    const { node, ask, answer, store, answers } = await start(onTestFinished);
    const url = 'https://app.example.com/answers';
    const { id } = await ask({ callback_url: url });
    expect((await store.answersAfter(0, 10)).records).toEqual([]);
    await answer('ann', id, 'approve');
    const { items } = await answers();
    expect((await store.answersAfter(0, 10)).records.map((record) => [record.rev, callbackUrlOf(record)])).toEqual([
      [items[0]?.rev, url],
    ]);
    expect(JSON.stringify(items)).not.toContain(url);
    expect(await node.frame(id)).not.toHaveProperty('callback_url');
    const refused = node.notify({ actions, callback_url: 'https://evil.example/x' });
    await expect(refused).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('callbacks.origins'),
    });
  });

  test('who waits for answers is woken by the next, from any node, and by nothing else', async ({ onTestFinished }) => {
    const { node, another, ask, answer, answers, store } = await start(onTestFinished);
    const other = await another();
    const first = await ask();
    await answer('ann', first.id);
    const { next_after: after } = await answers();
    let reads = 0;
    const answered = (from: number, limit: number) => {
      reads++;
      return store.answersAfter(from, limit);
    };
    const context = { ...node.context, store: storeWith(store, { answersAfter: answered }) };
    const next = answersSince(context, { after, limit: 10 }, { ms: 20_000 });
    const question = await ask({ to: { user: 'bob' } });
    const seen = waitForAnswer(node.context, question.id, { ms: 20_000 });
    for (let n = 0; n < 10; n++) await node.notify({});
    await answer('bob', question.id, 'reject', { at: other });
    expect((await next).items).toMatchObject([{ id: question.id, action_id: 'reject' }]);
    expect(reads).toBe(2);
    expect(await seen).toMatchObject({ status: 'answered', answer: { user_id: 'bob' } });
  });

  test('waiting ends in time, when nobody can answer any more, and when the server stops', async ({
    onTestFinished,
  }) => {
    const { node, ask, store } = await start(onTestFinished);
    const { head } = await store.head();
    expect(await answersSince(node.context, { after: null, limit: 10 }, { ms: 1 })).toEqual({
      items: [],
      next_after: head,
    });
    await expect(answersSince(node.context, { after: head + 1, limit: 10 }, atOnce)).rejects.toMatchObject({
      code: 'bad_request',
    });
    const plain = await node.notify({});
    expect(await waitForAnswer(node.context, plain.id, { ms: null })).toMatchObject({ status: 'live' });
    await expect(waitForAnswer(node.context, 'n0', atOnce)).rejects.toMatchObject({ code: 'not_found' });
    const { id } = await ask();
    const gone = waitForAnswer(node.context, id, { ms: null });
    await retractNotification(node.context, id);
    expect(await gone).toMatchObject({ status: 'retracted' });
    const leaving = new AbortController();
    const aborted = answersSince(node.context, { after: null, limit: 10 }, { ms: null, signal: leaving.signal });
    leaving.abort();
    expect((await aborted).items).toEqual([]);
    const last = answersSince(node.context, { after: null, limit: 10 }, { ms: null });
    await store.head();
    node.watch.close();
    expect((await last).items).toEqual([]);
  });
});
