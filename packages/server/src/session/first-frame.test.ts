import { expect, test } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { MemoryConnection } from '../../testing/memory-connection.ts';
import { FirstFrame, type FirstFrameParts } from './first-frame.ts';

/** A connection that has two of its ten seconds left, and a peer that answers no close. */
function waiting(admit: FirstFrameParts['admit']) {
  const clock = new ManualClock();
  const connection = new MemoryConnection();
  let isDestroyed = false;
  connection.destroy = () => {
    isDestroyed = true;
  };
  const refuse = async (error: Error) => connection.close(4401, error.message);
  const first = new FirstFrame({
    ...{ connection, clock, timeout: 2_000, limit: 10_000, admit, refuse },
    closed: () => {},
  });
  return { clock, connection, first, isDestroyed: () => isDestroyed };
}

const authenticate = JSON.stringify({ action: 'authenticate', token: 'x' });
const never = () => new Promise<never>(() => {});

test('a connection that says nothing is closed when its time is over, and ended a second later', async () => {
  const { clock, connection, isDestroyed } = waiting(never);
  await clock.advance(1_999);
  expect(connection.closed).toBeNull();
  await clock.advance(1);
  expect(connection.closed).toEqual({ code: 4401, reason: 'no token came within 10 s' });
  await clock.advance(999);
  expect(isDestroyed()).toBe(false);
  await clock.advance(1);
  expect(isDestroyed()).toBe(true);
});

test('a connection whose token is not checked in time is closed, to come again', async () => {
  const { clock, connection, first, isDestroyed } = waiting(never);
  first.receive(authenticate);
  await clock.advance(2_000);
  expect(connection.closed).toEqual({ code: 1013, reason: expect.stringMatching(/could not be checked in time/) });
  await clock.advance(1_000);
  expect(isDestroyed()).toBe(true);
});

test.each([
  ['a bad token', () => Promise.reject(new Error('bad'))],
  ['a token that is turned away', async () => null],
])('a connection with %s is ended a second after it was closed', async (_name, admit) => {
  const { clock, first, isDestroyed } = waiting(admit);
  first.receive(authenticate);
  await clock.advance(1_000);
  expect(isDestroyed()).toBe(true);
});

test('a connection that is let in has all the time it wants', async () => {
  const { clock, connection, first, isDestroyed } = waiting(async () => () => first);
  first.receive(authenticate);
  await clock.advance(60_000);
  expect([connection.closed, isDestroyed()]).toEqual([null, false]);
});
