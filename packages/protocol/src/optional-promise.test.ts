import { expect, it } from 'vitest';
import { OptionalPromise } from './optional-promise.ts';

const failing = async () => {
  throw new Error('no luck');
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('reports why it failed where nobody listens, and rejects for nobody else', async () => {
  const told: unknown[] = [];
  OptionalPromise.of(failing(), (error) => told.push(error));
  await turn();
  expect(told).toEqual([new Error('no luck')]);
});

it.each([
  ['awaits it', async (promise: Promise<void>) => await promise],
  ['calls then', (promise: Promise<void>) => promise.then(() => {})],
  ['calls catch', (promise: Promise<void>) => promise.catch((error) => Promise.reject(error))],
  ['calls finally', (promise: Promise<void>) => promise.finally(() => {})],
  ['returns it', async (promise: Promise<void>) => promise],
  ['awaits all of several', async (promise: Promise<void>) => void (await Promise.all([promise]))],
])('rejects for who %s, and reports nothing', async (_, listen) => {
  const told: unknown[] = [];
  await expect(listen(OptionalPromise.of(failing(), (error) => told.push(error)))).rejects.toThrow('no luck');
  await turn();
  expect(told).toEqual([]);
});

it('resolves as the promise that it is made of', async () => {
  expect(await OptionalPromise.of(Promise.resolve(7), () => {})).toBe(7);
});
