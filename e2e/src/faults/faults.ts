import { setTimeout as pause } from 'node:timers/promises';
import { diskFails, diskFull, powerLoss, tornLog } from './disk.ts';
import type { Fault } from './fault.ts';
import { away, dark, halfOpen, refused, resets, stopped } from './network.ts';
import { clockSet, frozen, killed, killedBeforeAnswer, replaced } from './processes.ts';

const databaseCrash: Fault = {
  name: 'database crashed',
  about: 'PostgreSQL ends as in a crash, and is started again',
  missing: async ({ crash }) => (crash ? null : 'it is about a PostgreSQL of its own'),
  strike: async (stage) => stage.waiting('PostgreSQL to crash and be there again', stage.crash?.()),
};

const databaseCut: Fault = {
  name: 'database cut',
  about: 'PostgreSQL ends all connections of the nodes, again and again: what they tell each other meanwhile is lost',
  missing: async ({ cut }) => (cut ? null : 'it is about PostgreSQL'),
  async strike(stage) {
    for (let n = 0; n < stage.ms(3, 30); n++) {
      await stage.waiting('the connections to be ended', stage.cut?.());
      await pause(300 + stage.choices.below(400));
    }
  },
};

/** All faults, in the order of the table of docs/faults.md. */
export const faults: readonly Fault[] = [
  ...[killed, killedBeforeAnswer, replaced, frozen, clockSet],
  ...[resets, halfOpen, dark, away, stopped, refused],
  ...[powerLoss, diskFails, diskFull, tornLog, databaseCut, databaseCrash],
];
