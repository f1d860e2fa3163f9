import { setTimeout as pause } from 'node:timers/promises';
import type { Choices } from './choices.ts';
import type { Fault } from './fault.ts';
import type { Verdict } from './oracle.ts';
import { Stage } from './stage.ts';
import type { World } from './worlds.ts';

/** The longest time until all is quiet after a fault, ms. */
const quietWithinMs = 60_000;
/** The longest time for which a fault may strike, ms. */
const strikeWithinMs = { short: 90_000, long: 600_000 };

export interface Playing {
  people: number;
  choices: Choices;
  isLong: boolean;
}

/** Opens a stage in a world, and closes both after the work. */
export async function onStage<T>(
  world: World,
  { people, choices, isLong }: Playing,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  const { servers, crash, remove } = await world.start();
  try {
    const stage = await Stage.open({ servers, crash, choices, people, isLong });
    try {
      return await work(stage);
    } finally {
      await stage.close();
    }
  } finally {
    await remove();
  }
}

/** The faults that can strike here, and of the others the reason. */
export async function possible(
  stage: Stage,
  faults: readonly Fault[],
): Promise<{ faults: Fault[]; missing: Map<Fault, string> }> {
  const missing = new Map<Fault, string>();
  for (const fault of faults) {
    const reason = await fault.missing?.(stage);
    if (reason) missing.set(fault, reason);
  }
  return { faults: faults.filter((fault) => !missing.has(fault)), missing };
}

/** Has faults strike under load, one after the other, and judges when all is quiet. */
export async function strike(stage: Stage, faults: readonly Fault[]): Promise<Verdict> {
  await stage.underLoad(async () => {
    for (const fault of faults) {
      await pause(stage.choices.below(300));
      await strikeInTime(stage, fault);
      await pause(300);
    }
  });
  return stage.oracle.judge(quietWithinMs);
}

async function strikeInTime(stage: Stage, fault: Fault): Promise<void> {
  const within = stage.ms(strikeWithinMs.short, strikeWithinMs.long);
  const struck = new AbortController();
  const tooLate = pause(within, null, { signal: struck.signal }).then(() => {
    const { waiting, people } = stage.oracle;
    const states = people.map(({ id, client }) => `${id} ${client.state.status}`).join(', ');
    throw new Error(`'${fault.name}' is not over after ${within / 1_000} s: ${waiting} wait for an answer; ${states}`);
  });
  try {
    await Promise.race([fault.strike(stage), tooLate]);
  } finally {
    struck.abort();
    tooLate.catch(() => {});
  }
}

/** True if nothing was lost, applied twice, out of order, or shown to others. */
export const isClean = ({ lost, appliedTwice, outOfOrder, notTheirs }: Verdict): boolean =>
  lost + appliedTwice + outOfOrder + notTheirs === 0;
