import { setTimeout as pause } from 'node:timers/promises';
import { createSender } from '@tidings/sender';
import { afterEach, expect, test } from 'vitest';
import { FaultProxy } from './fault-proxy.ts';
import { anyAudience, Oracle, random } from './oracle.ts';
import { ServerProcess } from './server-process.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

test('a network that slices, delays, resets, and lets connections and requests die unnoticed: lost 0, applied twice 0, out of order 0', async () => {
  const server = await ServerProcess.start();
  cleanups.push(() => server.end());
  const toServer = await FaultProxy.before(server.port, { jitter: 2, slice: 200 });
  const toClients = await FaultProxy.before(server.port, { jitter: 4, slice: 40 });
  cleanups.push(() => toServer.stop());
  cleanups.push(() => toClients.stop());
  const retry = { attemptTimeoutMs: 1_500 };
  const sender = createSender({ url: toServer.url, apiKey: server.apiKey, timeoutMs: 30_000, retry });
  const oracle = new Oracle(sender);
  cleanups.push(() => oracle.end());
  await oracle.connect(20, [toClients.url], (id, role) => server.token(id, [role]));

  for (let n = 0; n < 150; n++) {
    for (let sent = 0; sent < 3; sent++) oracle.send(anyAudience(20));
    if (n % 4 === 0) toClients.reset(random(20));
    if (n % 10 === 0) void pause(1_200).then(toClients.halfOpen(random(20)));
    if (n % 25 === 0) toServer.reset(random(10));
    if (n % 40 === 20) void pause(2_000).then(toServer.halfOpen(random(10)));
    await pause(40);
  }

  const verdict = await oracle.judge(15_000);
  console.log(JSON.stringify(verdict));
  expect(verdict).toMatchObject({ accepted: 450, lost: 0, appliedTwice: 0, outOfOrder: 0, notTheirs: 0 });
}, 60_000);
