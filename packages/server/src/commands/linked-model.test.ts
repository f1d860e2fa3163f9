import { TidingsError } from '@tidings/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { openerOf } from '../../testing/store-fixture.ts';
import { identity, TaskNode } from '../../testing/task-node.ts';
import { answerNotification, answersSince, answerTask } from './answers.ts';
import { editNotification, retractNotification } from './notifications.ts';
import { cancelTask, reportTask } from './tasks.ts';

const actions = [
  { id: 'approve', label: 'Approve' },
  { id: 'reject', label: 'Reject' },
];

/** A step of a person; `which` picks a notification, `node` the server process. */
const deed = fc.record({
  node: fc.nat(1),
  which: fc.nat(20),
  user: fc.constantFrom('ann', 'bob'),
  choice: fc.constantFrom('approve', 'reject'),
  kind: fc.constantFrom(
    ...(['report', 'report', 'report', 'publish', 'answer', 'answer', 'edit', 'retract', 'pass', 'cancel'] as const),
    'decide' as const,
  ),
  body: fc.record(
    {
      status: fc.constantFrom('queued', 'processing', 'waiting', 'waiting', 'completed', 'failed', 'cancelled'),
      progress: fc.nat(100),
      message: fc.constantFrom('one', 'two'),
      restart: fc.boolean(),
      result: fc.constantFrom({ expires_at: '1970-01-01T00:20:00.000Z' }, { url: '/x' }),
    },
    { requiredKeys: [] },
  ),
});
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

/** Rounds of what is done at the same moment. */
const story = fc.array(fc.array(deed, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 });

describe.each(databases)('whatever is done at once, on $name', ({ name, fixture }) => {
  test('at rest each notification shows the newest of its task, and holds the one answer there is', async ({
    onTestFinished,
  }) => {
    const { store, clock, another } = await openerOf(fixture)(onTestFinished);
    const node = await TaskNode.begin(store, clock);
    const other = await another();
    const nodes = [node, other === store ? node : await TaskNode.begin(other, clock, node.broker)];
    let taskCount = 0;

    class Story {
      readonly taskId = `t${++taskCount}`;
      readonly published = new Map<string, number>();
      readonly retracted = new Set<string>();
      readonly won = new Map<string, number>();

      async publish(at: TaskNode, to = 'ann'): Promise<void> {
        const { id, rev } = await at.notify({ to: { users: [to, 'carl'] }, task_id: this.taskId, actions });
        this.published.set(id, rev);
      }

      async perform({ node: n, which, user, choice, kind, body }: Deed): Promise<void> {
        const at = nodes[n] as TaskNode;
        const id = [...this.published.keys()][which % this.published.size] as string;
        const person = identity(user);
        switch (kind) {
          case 'report':
            return void (await reportTask(at.context, this.taskId, body));
          case 'publish':
            return this.publish(at, user);
          case 'edit':
            return void (await editNotification(at.context, id, { message: body.message ?? 'edited' }));
          case 'retract':
            await retractNotification(at.context, id);
            return void this.retracted.add(id);
          case 'pass':
            clock.now += 30_000;
            return at.dueJobs.run();
          case 'cancel':
            return void (await cancelTask(at.context, null, this.taskId));
          case 'decide':
            return void (await answerTask(at.context, identity('root', ['admin']), {
              task_id: this.taskId,
              answer: choice,
            }));
          case 'answer': {
            const { repeated } = await answerNotification(at.context, person, { id, action_id: choice });
            if (!repeated) this.won.set(id, (this.won.get(id) ?? 0) + 1);
          }
        }
      }

      async check(): Promise<void> {
        const linked = await node.linkedTo(this.taskId);
        const shown = await node.shown(this.taskId);
        const { items } = await answersSince(node.context, { after: 0, limit: 10_000 }, { ms: 0 });
        const own = items.filter(({ task_id }) => task_id === this.taskId);
        expect(new Set(own.map(({ id }) => id)).size).toBe(own.length);
        for (const [id, rev] of this.published) {
          const frame = await node.frame(id);
          if (this.retracted.has(id)) {
            expect(frame.type).toBe('retracted');
            continue;
          }
          expect(frame.task).toEqual(shown);
          expect(frame.alert_rev).toBe(rev);
          expect(linked).toContain(id);
          const { rev: _rev, id: _id, external_id: _x, task_id: _t, ...said } = own.find((one) => one.id === id) ?? {};
          expect(frame.answer ?? {}).toEqual(said);
          expect(this.won.get(id) ?? 0).toBeLessThanOrEqual(frame.answer ? 1 : 0);
        }
      }
    }

    const run = async (rounds: Deed[][]) => {
      const at = new Story();
      await at.publish(node);
      for (const round of rounds) {
        const done = await Promise.allSettled(round.map((one) => at.perform(one)));
        for (const one of done) {
          if (one.status === 'fulfilled') continue;
          expect(one.reason, String(one.reason?.stack)).toBeInstanceOf(TidingsError);
          expect(['conflict', 'not_found', 'bad_request'], one.reason.message).toContain(one.reason.code);
        }
        await at.check();
      }
    };
    await fc.assert(fc.asyncProperty(story, run), { numRuns: name === 'SQLite' ? 40 : 20, endOnFailure: true });
    for (const user of ['ann', 'bob', 'carl']) await node.person(user).counts();
  }, 120_000);
});
