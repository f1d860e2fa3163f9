import { expect, test } from 'vitest';
import { tick } from '../../testing/world.ts';
import { Turns } from './turns.ts';

/** Things that run until the test ends them, by their names. */
function held(limit: number, perOwner?: number) {
  const turns = new Turns(limit, perOwner);
  const running: string[] = [];
  const ends = new Map<string, { end: () => void; fail: (error: Error) => void }>();
  const run = (owner: string, name: string) =>
    turns.run(owner, () => {
      running.push(name);
      return new Promise<void>((end, fail) => ends.set(name, { end, fail }));
    });
  return { run, running, of: (name: string) => ends.get(name) as { end: () => void; fail: (error: Error) => void } };
}

test('serves owners in turn, each in the order of the calls, and so many at a time', async () => {
  const { run, running, of } = held(2);
  const all = ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2'].map((name) => run(name[0] as string, name));
  await tick();
  expect(running).toEqual(['a1', 'a2']);
  for (let n = 0; n < all.length; n++) {
    of(running[n] as string).end();
    await tick();
  }
  await Promise.all(all);
  expect(running).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'a4', 'b2']);
});

test('goes on with the next after one that failed', async () => {
  const { run, running, of } = held(1);
  const failed = run('a', 'a1');
  const next = run('b', 'b1');
  await tick();
  of('a1').fail(new Error('the disk failed'));
  await expect(failed).rejects.toThrow('the disk failed');
  await tick();
  expect(running).toEqual(['a1', 'b1']);
  of('b1').end();
  await next;
});

test('runs no more of an owner than one may have, and meanwhile those of others', async () => {
  const { run, running, of } = held(3, 2);
  const all = ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'c2'].map((name) => run(name[0] as string, name));
  await tick();
  expect(running).toEqual(['a1', 'a2', 'b1']);
  of('b1').end();
  await tick();
  expect(running).toEqual(['a1', 'a2', 'b1', 'c1']);
  of('a2').end();
  await tick();
  expect(running.at(-1)).toBe('a3');
  for (const name of ['a1', 'a3', 'c1', 'c2', 'a4']) {
    of(name).end();
    await tick();
  }
  await Promise.all(all);
});
