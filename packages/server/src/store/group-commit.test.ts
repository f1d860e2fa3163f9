import { expect, test } from 'vitest';
import { put, receipt } from '../../testing/temp-store.ts';
import { tick } from '../../testing/world.ts';
import type { Outcome } from '../domain/writes.ts';
import { Counters } from '../telemetry/counters.ts';
import type { Applied, WriteGroup } from './engine.ts';
import { GroupCommit } from './group-commit.ts';

/** An engine whose disk answers when the test lets it. */
function held() {
  const applies: { groups: readonly WriteGroup[]; done: () => void; fail: (error: Error) => void }[] = [];
  const stored: number[] = [];
  const apply = (groups: readonly WriteGroup[]): Promise<Applied> =>
    new Promise((resolve, reject) => {
      const outcomes = groups.map(({ writes }): Outcome[] => writes.map(() => ({ status: 'unchanged' })));
      const done = () => resolve({ from: 1, to: 0, outcomes, adjustments: [], produced: [] });
      applies.push({ groups, done, fail: reject });
    });
  const commits = new GroupCommit({ apply }, new Counters(), (_applied, groups) => stored.push(groups.length));
  return { applies, stored, commits };
}

test('answers nobody before the transaction that holds their writes is on the disk, and what comes meanwhile shares the next', async () => {
  const { applies, stored, commits } = held();
  const answered: number[] = [];
  const commit = (n: number) => commits.commit([put()], false).then(() => answered.push(n));
  const first = [commit(1), commit(2)];
  await tick();
  const later = [commit(3), commit(4), commit(5)];
  await tick();
  expect(applies.map(({ groups }) => groups.length)).toEqual([2]);
  expect(answered).toEqual([]);
  applies[0]?.done();
  await Promise.all(first);
  expect([answered, stored]).toEqual([[1, 2], [2]]);
  await tick();
  expect(applies.map(({ groups }) => groups.length)).toEqual([2, 3]);
  applies[1]?.done();
  await Promise.all(later);
  expect(answered).toEqual([1, 2, 3, 4, 5]);
});

test('tells everybody of a transaction that failed, and goes on with the next', async () => {
  const { applies, commits } = held();
  const lost = [commits.commit([put()], false), commits.commit([put()], true)];
  await tick();
  const next = commits.commit([put()], false);
  applies[0]?.fail(new Error('the disk failed'));
  for (const one of lost) await expect(one).rejects.toThrow('the disk failed');
  await tick();
  applies[1]?.done();
  await expect(next).resolves.toEqual([{ status: 'unchanged' }]);
  await commits.idle();
});

test("takes a bounded number of writes into one transaction, and a caller's own together", async () => {
  const { applies, commits } = held();
  const many = Array.from({ length: 1_500 }, () => put());
  const all = [commits.commit(many, true), commits.commit(many, true), commits.commit(many, true)];
  for (let n = 0; n < 3; n++) {
    await tick();
    applies[n]?.done();
    await all[n];
  }
  expect(applies.map(({ groups }) => groups.length)).toEqual([1, 1, 1]);
});

test('hands over half of what waits, where that is much, and some of the rest while it is stored', async () => {
  const { applies, commits } = held();
  const some = Array.from({ length: 100 }, () => put());
  const all = Array.from({ length: 8 }, () => commits.commit(some, true));
  await tick();
  expect(applies.map(({ groups }) => groups.length)).toEqual([4, 4]);
  all.push(...Array.from({ length: 20 }, () => commits.commit(some, true)));
  await tick();
  expect(applies).toHaveLength(2);
  for (let n = 0; n < applies.length; n++) {
    applies[n]?.done();
    await tick();
  }
  await Promise.all(all);
  expect(applies.map(({ groups }) => groups.length)).toEqual([4, 4, 10, 5, 4, 1]);
});

test('refuses what is more than may wait, as something to be sent again', async () => {
  const { commits } = held();
  const many = Array.from({ length: 50_001 }, () => put());
  void commits.commit(many, false);
  await expect(commits.commit(many, false)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
});

test('stores what is published ahead of marks, of which each transaction has a few of every user', async () => {
  const { applies, commits } = held();
  const ids = Array.from({ length: 40 }, (_, n) => `n${n}`);
  const named = Array.from({ length: 3 }, () => receipt('much', { ids }));
  const all = [
    commits.commit(named, false),
    commits.commit([receipt('little', { ids: ['a'] })], false),
    commits.commit([put()], false),
    // An answer is stored whole, with its mark.
    commits.commit([put(), receipt('much', { ids: ['b'] })], true),
  ];
  for (let n = 0; n < 2; n++) {
    await tick();
    applies[n]?.done();
  }
  expect((await Promise.all(all)).map((outcomes) => outcomes.length)).toEqual([3, 1, 1, 2]);
  const usersOf = ({ groups }: { groups: readonly WriteGroup[] }) =>
    groups.map(({ writes }) => writes.map((write) => ('userId' in write ? write.userId : write.op)).join('+'));
  expect(applies.map(usersOf)).toEqual([['put', 'put+much', 'little', 'much', 'much'], ['much']]);
});

test('tells the caller of many marks that some of them were not stored', async () => {
  const { applies, commits } = held();
  const ids = Array.from({ length: 100 }, (_, n) => `n${n}`);
  const marked = commits.commit([receipt('1', { ids }), receipt('1', { ids })], false);
  await tick();
  applies[0]?.done();
  await tick();
  applies[1]?.fail(new Error('the disk failed'));
  await expect(marked).rejects.toThrow('the disk failed');
});
