import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { targets } from '../fuzz/targets.ts';
import { type Attack, AttackedServer } from './attacked-server.ts';
import { callbacks, Receivers } from './callbacks.ts';
import { credentials, Expiring } from './credentials.ts';
import { frames } from './frames.ts';
import { limits } from './limits.ts';
import { SlowCallers } from './slow-callers.ts';
import { strangers } from './strangers.ts';
import { upgrades } from './upgrades.ts';

let server: AttackedServer;
let slow: SlowCallers;
let receivers: Receivers;
let expiring: Expiring;
beforeAll(async () => {
  receivers = await Receivers.open();
  server = await AttackedServer.start({
    CALLBACK_ORIGINS: receivers.origin,
    CALLBACK_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
  });
  slow = await SlowCallers.begin(server);
  expiring = await Expiring.begin(server);
});
afterAll(async () => {
  slow.end();
  receivers.close();
  expect(await server.stop()).toBe(0);
});

const attacks: Attack[] = [
  ...[...upgrades, ...frames, ...credentials, ...strangers, ...callbacks(() => receivers), ...limits],
];

test.each(attacks)('$name', async ({ run }) => {
  await run(server);
  await server.checkUnharmed();
});

test.each(targets)('whatever comes in, it is answered: fuzzed $name', async (target) => {
  await fc.assert(await target.property(server), { numRuns: 50 });
  await server.checkUnharmed();
});

test('whoever does not finish a head or a body, or does not say who it is, is given up within 10 s', async () => {
  await slow.expectEnd();
  await server.checkUnharmed();
});

test('a token that expires ends what it opened within 5 s, on all transports', () => expiring.expectEnd());

test('no token, key or secret stands in what the server has written, or in its metrics', async () => {
  const metrics = await server.call('GET', '/metrics');
  expect(metrics.status).toBe(200);
  for (const secret of server.secrets) expect(server.output + metrics.text).not.toContain(secret);
});
