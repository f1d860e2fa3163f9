import { setTimeout as pause } from 'node:timers/promises';
import { createSender } from '@tidings/sender';
import { expect, inject, test } from 'vitest';
import { inSeconds, token } from '../../../packages/server/testing/tokens.ts';
import { askAt } from '../../../testing/door.ts';
import { apiKey, twoWorkers, workersOf } from '../two-workers.ts';
import { Choices, newSeed } from './choices.ts';
import { DocumentPart } from './document-part.ts';
import { faults } from './faults.ts';
import { Oracle } from './oracle.ts';
import { isClean, onStage, possible, strike } from './play.ts';
import { PresencePart } from './presence-part.ts';
import { RoomPart } from './room-part.ts';
import { nodesOn, sqlite } from './worlds.ts';

// `npm run faults` plays each by itself, again and again, and longer. Most of the time is waiting.
test.concurrent.for([sqlite, nodesOn(() => askAt(inject('databaseDoor')))])(
  'every fault strikes once on $name, under load, with people on all transports: lost 0, applied twice 0, out of order 0',
  { timeout: 780_000 },
  async (world) => {
    const seed = newSeed();
    const choices = new Choices(seed);
    let order = '';
    const playing = onStage(world, { people: 16, choices, isLong: false }, async (stage) => {
      const striking = choices.shuffled((await possible(stage, faults)).faults);
      order = striking.map(({ name }) => name).join(', ');
      const judgement = await strike(stage, striking, { limitMs: 400_000 });
      const { stories, ...verdict } = judgement.verdict;
      const findings = [...judgement.findings.values()];
      console.log(`${world.name}, seed ${seed}: ${order}`, verdict, ...findings.map(({ counts }) => counts));
      expect([...stories, ...findings.flatMap((finding) => finding.stories)]).toEqual([]);
      expect(isClean({ ...verdict, stories })).toBe(true);
      expect(verdict.accepted).toBeGreaterThan(500);
    });
    await playing.catch((error) => {
      throw new Error(`seed ${seed}, ${order}: ${error.message}`, { cause: error });
    });
  },
);

test.concurrent('one of two workers is killed with -9: rooms lose nothing, all know who is there, and documents have what was echoed', {
  timeout: 120_000,
}, async ({ onTestFinished }) => {
  const server = await twoWorkers(onTestFinished);
  const sender = createSender({ url: server.url, apiKey, timeoutMs: 60_000, logger: { warn() {} } as never });
  const oracle = new Oracle(sender);
  const seed = newSeed();
  onTestFinished(() => oracle.end());
  await oracle.connect(6, {
    urls: [server.url],
    token: (sub) => token({ sub, grants: ['project:all:rw', 'project:some:rw'], exp: inSeconds(86_400) }),
  });
  const ground = {
    ...{ urls: [server.url], sender, choices: new Choices(seed), people: oracle.people },
    token: (sub: string, grants: readonly string[]) => token({ sub, grants, exp: inSeconds(86_400) }),
  };
  const parts = [new RoomPart(ground), new PresencePart(ground), new DocumentPart(ground)];
  onTestFinished(async () => {
    for (const part of parts) await part.close();
  });
  for (const part of parts) await part.open();
  for (const part of parts) await part.prepare();
  const ticks = setInterval(() => {
    for (const part of parts) part.tick();
  }, 30);
  onTestFinished(() => clearInterval(ticks));
  await pause(300);
  const struck = parts.map((part) => part.strike());
  process.kill(ground.choices.pick(workersOf(server)), 'SIGKILL');
  await Promise.all(struck);
  await pause(500);
  clearInterval(ticks);
  const findings = await Promise.all(parts.map((part) => part.judge()));
  expect(
    findings.flatMap(({ stories }) => stories),
    `seed ${seed}`,
  ).toEqual([]);
  const [rooms, presence, documents] = findings.map(({ counts }) => counts);
  expect(rooms?.accepted).toBeGreaterThan(5);
  expect(presence?.lists).toBe(12);
  expect(documents?.echoed).toBeGreaterThan(10);
});
