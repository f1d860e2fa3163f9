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

/** All faults, in the order of the table of docs/faults.md. */
export const faults: readonly Fault[] = [
  ...[killed, killedBeforeAnswer, replaced, frozen, clockSet],
  ...[resets, halfOpen, dark, away, stopped, refused],
  ...[powerLoss, diskFails, diskFull, tornLog, databaseCrash],
];
