import { setTimeout as pause } from 'node:timers/promises';
import { within } from '../until.ts';
import type { Choices } from './choices.ts';
import type { Fault } from './fault.ts';
import type { Verdict } from './oracle.ts';
import type { Finding, Part } from './part.ts';
import { Stage } from './stage.ts';
import type { World } from './worlds.ts';

/** The longest time until all is quiet after a fault, ms. */
const quietWithinMs = 60_000;

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
  const { servers, crash, cut, remove } = await within(180_000, () => `the start of ${world.name}`, world.start());
  try {
    const stage = await Stage.open({ servers, crash, cut, choices, people, isLong });
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

/** The longest that a fault may take, and everyone after it until they are back, ms. */
const strikeLimit = (isLong: boolean): number => (isLong ? 600_000 : 180_000);

/** No fault: the same load, to compare with. */
export const calm: Fault = {
  name: 'calm',
  about: 'nothing fails',
  strike: () => pause(5_000),
};

/** One fault that struck. Times in ms. */
export interface Strike {
  fault: Fault;
  /** From its end until everyone has seen a message that was sent then. */
  back: number;
  /** From a call of the sender to its answer "accepted", of each that was answered while it struck. */
  answerTimes: readonly number[];
}

/** The results when all is quiet: of notifications, and of each part beside them. */
export interface Judgement {
  verdict: Verdict;
  /** By the names of the parts. */
  findings: ReadonlyMap<string, Finding>;
}

/** Options of a strike. */
interface Striking {
  /** Called after each fault. */
  note?: (strike: Strike) => void;
  /** The longest for all of them and the judgement, ms. Default: as long as each may take. */
  limitMs?: number;
}

/**
 * Has faults strike under load, one after the other, and judges when all is quiet. Throws if one does not end, with what it waits for, and all that
 * struck before it.
 */
export async function strike(
  stage: Stage,
  faults: readonly Fault[],
  { note = () => {}, limitMs = Number.POSITIVE_INFINITY }: Striking = {},
): Promise<Judgement> {
  const done: string[] = [];
  const latest = performance.now() + limitMs;
  const inTime = async <T>(name: string, limit: number, work: Promise<T>): Promise<T> => {
    const begun = performance.now();
    const story = () => `${name} to end, which waits for ${stage.waits}. Before it: ${done.join(', ') || 'none'}`;
    const result = await within(Math.min(limit, latest - begun), story, work);
    done.push(`${name} (${((performance.now() - begun) / 1_000).toFixed(1)} s)`);
    return result;
  };
  await stage.underLoad(async () => {
    for (const fault of faults) {
      await inTime(
        'what comes before',
        strikeLimit(stage.isLong),
        all(stage, (part) => part.prepare()),
      );
      await pause(stage.choices.below(300));
      stage.oracle.takeAnswerTimes();
      const ends = all(stage, (part) => part.strike());
      // It is awaited after the fault, and may fail in its middle.
      ends.catch(() => {});
      await inTime(`"${fault.name}"`, strikeLimit(stage.isLong), fault.strike(stage));
      const answerTimes = stage.oracle.takeAnswerTimes();
      const ended = performance.now();
      await inTime(`everyone's return after "${fault.name}"`, strikeLimit(stage.isLong), stage.allBack());
      note({ fault, back: performance.now() - ended, answerTimes });
      await inTime('what ends in its middle', strikeLimit(stage.isLong), ends);
      await pause(300);
    }
  });
  await inTime('the load', 130_000, stage.answered());
  const verdict = await inTime('the judgement', 2 * quietWithinMs, stage.oracle.judge(quietWithinMs));
  const judging = stage.parts.map(async (part) => [part.name, await part.judge()] as const);
  return { verdict, findings: new Map(await inTime('the judgement', strikeLimit(stage.isLong), Promise.all(judging))) };
}

async function all(stage: Stage, work: (part: Part) => Promise<void>): Promise<void> {
  await Promise.all(stage.parts.map((part) => stage.waiting(part.name, work(part))));
}

/** True if nothing was lost, applied twice, out of order, or shown to others. */
export const isClean = ({ lost, appliedTwice, outOfOrder, notTheirs }: Verdict): boolean =>
  lost + appliedTwice + outOfOrder + notTheirs === 0;
