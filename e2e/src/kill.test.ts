import { setTimeout as pause } from 'node:timers/promises';
import { createSender } from '@tidings/sender';
import { expect, inject, test } from 'vitest';
import { askAt } from '../../testing/door.ts';
import { anyAudience, Oracle, random } from './oracle.ts';
import { ServerProcess } from './server-process.ts';

const worlds = [
  { name: 'a server on SQLite', start: async () => [await ServerProcess.start()] },
  {
    name: 'one of two servers on PostgreSQL',
    async start() {
      const database = await askAt(inject('databaseDoor'));
      return [await ServerProcess.start(database), await ServerProcess.start(database)];
    },
  },
];

// Most of it is waiting, for the next kill or for a server to be back.
test.concurrent.for(worlds)(
  '$name killed with -9 again and again under load, 50 clients coming and going: lost 0, applied twice 0, out of order 0',
  { timeout: 180_000 },
  async ({ start }, { onTestFinished }) => {
    const servers = await start();
    for (const server of servers) onTestFinished(() => server.end());
    const [first] = servers as [ServerProcess];
    const sender = createSender({
      url: first.url,
      apiKey: first.apiKey,
      timeoutMs: 60_000,
      logger: { warn() {} } as never,
    });
    const oracle = new Oracle(sender);
    onTestFinished(() => oracle.end());
    await oracle.connect(
      50,
      servers.map(({ url }) => url),
      (id, role) => first.token(id, [role]),
    );

    let isOver = false;
    const publishing = (async () => {
      while (!isOver) {
        for (let n = 0; n < 4 && oracle.waiting < 400; n++) oracle.send(anyAudience(50));
        await pause(10);
      }
    })();
    const comingAndGoing = (async () => {
      while (!isOver) {
        const { client } = oracle.people[random(50)] as (typeof oracle.people)[number];
        client.disconnect();
        void pause(random(600)).then(() => client.connect().catch(() => {}));
        await pause(20);
      }
    })();
    for (let kill = 0; kill < 5; kill++) {
      const server = servers[kill % servers.length] as ServerProcess;
      await pause(800 + random(1_800));
      await server.kill();
      await pause(random(400));
      await server.start();
    }
    await pause(1_000);
    isOver = true;
    await Promise.all([publishing, comingAndGoing]);
    await pause(700);

    const verdict = await oracle.judge(15_000);
    console.log(JSON.stringify(verdict));
    expect(verdict).toMatchObject({ lost: 0, appliedTwice: 0, outOfOrder: 0, notTheirs: 0 });
    expect(verdict.accepted).toBeGreaterThan(200);
  },
);
