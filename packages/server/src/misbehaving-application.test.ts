import { expect, onTestFinished, test } from 'vitest';
import { RunningServer } from '../testing/running-server.ts';
import { token } from '../testing/tokens.ts';

const throwing = (name: string) =>
  Object.defineProperty({}, name, {
    enumerable: true,
    get() {
      throw Object.create(null);
    },
  });

test.each<[string, () => unknown]>([
  [
    'throws at once',
    () => {
      throw new Error('no database');
    },
  ],
  [
    'throws nothing at all',
    () => {
      throw undefined;
    },
  ],
  ['rejects with what cannot be read', async () => Promise.reject(Object.create(null))],
  ['rejects with an error whose message throws', async () => Promise.reject(throwing('message'))],
  ['answers what throws when it is read', async () => throwing('sub')],
])('an authenticate() that %s costs its caller the answer, and nobody else', async (_, authenticate) => {
  const rejected: unknown[] = [];
  const listener = (reason: unknown) => rejected.push(reason);
  process.on('unhandledRejection', listener);
  onTestFinished(() => void process.off('unhandledRejection', listener));
  const server = await RunningServer.start({ auth: { authenticate: authenticate as never } });
  try {
    const { status } = await server.call('GET', '/api/v1/whoami', undefined, { authorization: '' });
    expect([500, 503]).toContain(status);
    const socket = await server.open('/ws/').settled();
    expect([socket.refused?.status, socket.closed?.code]).not.toEqual([undefined, undefined]);
    // A connection with a token does not need the application.
    const ann = await server.open(`/ws/?token=${token({ sub: 'ann' })}`).settled();
    expect(ann.of('synced')).toHaveLength(1);
    expect(rejected).toEqual([]);
  } finally {
    await server.stop();
  }
});
