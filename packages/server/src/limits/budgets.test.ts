import { expect, test } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { Budgets } from './budgets.ts';

test('grants a burst at once, and the rate in the long run', () => {
  const clock = new ManualClock();
  const budgets = new Budgets({ burst: 3, perSecond: 2 }, clock);
  expect([1, 2, 3].map(() => budgets.spend('a', 1))).toEqual([0, 0, 0]);
  expect(budgets.spend('a', 1)).toBe(1_000);
  expect(budgets.spend('b', 1)).toBe(0);
  clock.jump(1_000);
  expect([1, 2].map(() => budgets.spend('a', 1))).toEqual([0, 0]);
  expect(budgets.spend('a', 1)).toBe(1_000);
});

test('grants a request that is larger than the burst, and nothing more until it is paid back', () => {
  const clock = new ManualClock();
  const budgets = new Budgets({ burst: 10, perSecond: 5 }, clock);
  expect(budgets.spend('a', 60)).toBe(0);
  expect(budgets.spend('a', 1)).toBe(10_200);
  clock.jump(10_199);
  expect(budgets.spend('a', 1)).toBe(1);
  clock.jump(1);
  expect(budgets.spend('a', 60)).toBe(0);
});

test('refuses all that comes before the time it has told, so that it can be repeated in order', () => {
  const clock = new ManualClock();
  const budgets = new Budgets({ burst: 1, perSecond: 10 }, clock);
  budgets.spend('a', 1);
  expect(budgets.spend('a', 1)).toBe(1_000);
  clock.jump(400);
  expect(budgets.spend('a', 1)).toBe(600);
  clock.jump(600);
  expect(budgets.spend('a', 1)).toBe(0);
});

test('forgets callers whose budget is whole again', () => {
  const clock = new ManualClock();
  const budgets = new Budgets({ burst: 2, perSecond: 1 }, clock);
  for (let n = 0; n < 100; n++) budgets.spend(`caller-${n}`, 1);
  expect(budgets.size).toBe(100);
  clock.jump(1_000);
  for (let n = 0; n < 60; n++) budgets.spend('a', 0);
  expect(budgets.size).toBeLessThan(3);
});

test('lets nobody wait longer where the clock was set back', () => {
  const clock = new ManualClock();
  const budgets = new Budgets({ burst: 1, perSecond: 1 }, clock);
  budgets.spend('a', 100);
  expect(budgets.spend('a', 1)).toBe(100_000);
  clock.jump(-500_000);
  expect(budgets.spend('a', 1)).toBeLessThanOrEqual(100_000);
});

test('takes a cost that turned out afterwards, which is paid back before the next is granted', () => {
  const clock = new ManualClock();
  const budgets = new Budgets({ burst: 10, perSecond: 5 }, clock);
  expect(budgets.spend('a', 1)).toBe(0);
  budgets.charge('a', 59);
  expect(budgets.spend('a', 1)).toBe(10_200);
  expect(budgets.spend('b', 1)).toBe(0);
});
