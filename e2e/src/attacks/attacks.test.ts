import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Attack, AttackedServer } from './attacked-server.ts';
import { frames } from './frames.ts';
import { upgrades } from './upgrades.ts';

let server: AttackedServer;
beforeAll(async () => {
  server = await AttackedServer.start();
});
afterAll(async () => expect(await server.stop()).toBe(0));

test.each<Attack>([...upgrades, ...frames])('$name', async ({ run }) => {
  await run(server);
  await server.checkUnharmed();
});
