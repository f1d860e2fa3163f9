import { expect, test } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { Searches } from './searches.ts';

/** Searches, each of which runs until the test ends it. */
function held(options: Partial<ConstructorParameters<typeof Searches>[0]> = {}) {
  const clock = new ManualClock();
  const searches = new Searches({ perUser: 2, atOnce: 2, timeoutMs: 5_000, ...options }, clock, { searchesPerUser: 0 });
  const running: { user: string; end: () => void }[] = [];
  const search = (user: string) =>
    searches.run(user, () => new Promise<string>((resolve) => running.push({ user, end: () => resolve(user) })));
  const begun = async () => {
    await clock.advance(0);
    return running.map(({ user }) => user);
  };
  return { clock, search, running, begun };
}

test('runs so many at once, and the next in the order of the calls', async () => {
  const { search, running, begun } = held();
  const all = ['a', 'b', 'c', 'd'].map(search);
  expect(await begun()).toEqual(['a', 'b']);
  running[1]?.end();
  expect(await begun()).toEqual(['a', 'b', 'c']);
  for (let n = 0; n < 4; n++) {
    running[n]?.end();
    await begun();
  }
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
});

test('refuses more of one user than may run, until one of them has ended', async () => {
  const { search, running, begun } = held();
  const first = search('a');
  void search('a');
  await begun();
  await expect(search('a')).rejects.toMatchObject({ code: 'too_many', retry_after_ms: 1_000 });
  running[0]?.end();
  await first;
  void search('a');
  expect(await begun()).toEqual(['a', 'a', 'a']);
});

test('gives up on one that takes too long, which keeps its place until it has ended, and skips one that waited for too long', async () => {
  const { clock, search, running, begun } = held({ atOnce: 1 });
  const [slow, waiting] = [search('a'), search('b')];
  const refused = [slow, waiting].map((one) => expect(one).rejects.toMatchObject({ code: 'unavailable' }));
  await clock.advance(5_000);
  await Promise.all(refused);
  const next = search('c');
  expect(await begun()).toEqual(['a']);
  running[0]?.end();
  expect(await begun()).toEqual(['a', 'c']);
  running[1]?.end();
  expect(await next).toBe('c');
});

test('reads two pages of one user at a time, however many are asked for, and those of others beside them', async () => {
  const clock = new ManualClock();
  const searches = new Searches({ perUser: 2, atOnce: 2, timeoutMs: 5_000 }, clock, { searchesPerUser: 0 });
  const running: string[] = [];
  const page = (user: string) => void searches.page(user, () => new Promise(() => running.push(user)));
  for (let n = 0; n < 20; n++) page('a');
  page('b');
  await clock.advance(0);
  expect(running).toEqual(['a', 'a', 'b']);
});
