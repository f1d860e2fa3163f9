import { expect, inject, test } from 'vitest';
import { askAt } from '../../../testing/door.ts';
import { Choices, newSeed } from './choices.ts';
import { faults } from './faults.ts';
import { isClean, onStage, possible, strike } from './play.ts';
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
      const { stories, ...verdict } = await strike(stage, striking, { limitMs: 400_000 });
      console.log(`${world.name}, seed ${seed}: ${order}`, verdict);
      expect(stories).toEqual([]);
      expect(isClean({ ...verdict, stories })).toBe(true);
      expect(verdict.accepted).toBeGreaterThan(500);
    });
    await playing.catch((error) => {
      throw new Error(`seed ${seed}, ${order}: ${error.message}`, { cause: error });
    });
  },
);
