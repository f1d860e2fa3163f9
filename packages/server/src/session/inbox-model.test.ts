import fc from 'fast-check';
import { describe, test } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { InboxPlay } from '../../testing/inbox-play.ts';
import { foundBefore, inboxScenario } from '../../testing/inbox-steps.ts';
import { openerOf, type WhenFinished } from '../../testing/store-fixture.ts';

/** The number of scenarios on each database, and which: a failure prints the variables to set. */
const { TIDINGS_MODEL_RUNS: runs = '15', TIDINGS_MODEL_SEED: seed, TIDINGS_MODEL_PATH: path } = process.env;

const about = {
  numRuns: Number(runs) + foundBefore.length,
  ...(seed ? { seed: Number(seed) } : {}),
  ...(path ? { path } : {}),
};

describe.each(databases)('an inbox on $name', ({ fixture }) => {
  test('is what a simple model says it is, in every list, count and device, whatever happens', async () => {
    const open = openerOf(fixture);
    const property = fc.asyncProperty(inboxScenario, async (scenario) => {
      const clean: Parameters<WhenFinished>[0][] = [];
      const { store, clock, another } = await open((finish) => clean.push(finish));
      const play = new InboxPlay([store, await another()], clock, scenario);
      try {
        await play.run();
      } finally {
        play.stop();
        for (const finish of clean) await finish();
      }
    });
    const examples = seed ? [] : foundBefore.map((scenario): [typeof scenario] => [scenario]);
    await fc.assert(property, { ...about, examples, interruptAfterTimeLimit: 240_000 });
  }, 600_000);
});
