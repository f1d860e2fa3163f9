import { isProgress, mergeReports, type TaskReport, TidingsError } from '@tidings/protocol';
import type { Clock } from '../domain/ports.ts';
import type { Holder } from './commits.ts';

/** What is done with a task while nothing else in this process changes it. */
interface Turn {
  /** The report, where it is one: progress that is not stored yet may be merged with what comes after it. */
  report: TaskReport | null;
  work: (lane: Lane) => Promise<unknown>;
  callers: { resolve: (result: never) => void; reject: (error: unknown) => void }[];
}

interface Lane extends Holder {
  waiting: Turn[];
  lastProgress: number;
  /** Ends the pause before progress is stored: something waits behind it. */
  hurry: () => void;
}

/** Progress alone is stored at most this often per task, ms: a watcher sees no more, and the last one always. */
const progressInterval = 20;
/** Where thousands have a notification that follows it, less often: so long for each of them, ms. */
const intervalPerHearer = 0.2;

/** How many tasks are remembered between reports; the rest is read again when it is reported on. */
const lanesKept = 10_000;

/**
 * Gives out turns: one at a time for each task, in the order asked for. Progress that comes in while another change of its
 * task is being stored is merged into one turn, and each caller is answered after it.
 */
export class Turns {
  readonly #clock: Clock;
  readonly #apply: (taskId: string, holder: Holder, report: TaskReport) => Promise<unknown>;
  readonly #lanes = new Map<string, Lane>();

  /** @param apply stores what a report, maybe merged of several, makes of its task */
  constructor(clock: Clock, apply: (taskId: string, holder: Holder, report: TaskReport) => Promise<unknown>) {
    this.#clock = clock;
    this.#apply = apply;
  }

  /** A turn for a report. @returns what `apply` made of it and of what it was merged with */
  report<T>(taskId: string, report: TaskReport): Promise<T> {
    return this.#enter<T>(taskId, report, (lane) => this.#apply(taskId, lane, report));
  }

  take<T>(taskId: string, work: (holder: Holder) => Promise<T>): Promise<T> {
    return this.#enter<T>(taskId, null, work);
  }

  /** Turns of several tasks at once. Ids in order and each once, so that no two callers wait for each other. */
  takeAll<T>(taskIds: readonly string[], work: (held: ReadonlyMap<string, Holder>) => Promise<T>): Promise<T> {
    const next = (i: number, held: ReadonlyMap<string, Holder>): Promise<T> => {
      const taskId = taskIds[i];
      if (taskId === undefined) return work(held);
      return this.take(taskId, (holder) => next(i + 1, new Map([...held, [taskId, holder]])));
    };
    return next(0, new Map());
  }

  #enter<T>(taskId: string, report: TaskReport | null, work: Turn['work']): Promise<T> {
    return new Promise((resolve, reject) => {
      const lane = this.#lanes.get(taskId);
      const caller = { resolve, reject };
      const last = lane?.waiting.at(-1);
      const merged = last?.report && report ? mergeReports(last.report, report) : null;
      if (last && merged) {
        last.report = merged;
        last.work = (of) => this.#apply(taskId, of, merged);
        last.callers.push(caller);
        return;
      }
      const turn = { report, work, callers: [caller] };
      if (lane && lane.waiting.length > 0) {
        lane.waiting.push(turn);
        lane.hurry();
      } else
        void this.#run(
          taskId,
          lane ?? { known: undefined, waiting: [], hearers: 0, lastProgress: 0, hurry: () => {} },
          turn,
        );
    });
  }

  async #run(taskId: string, lane: Lane, first: Turn): Promise<void> {
    lane.waiting.push(first);
    this.#lanes.delete(taskId);
    this.#lanes.set(taskId, lane);
    while (lane.waiting[0]) {
      await this.#pace(lane, lane.waiting[0]);
      const next = lane.waiting[0];
      // What is being stored can take no more: a placeholder keeps later reports from merging into it.
      lane.waiting[0] = { report: null, work: next.work, callers: [] };
      await settle(lane, next);
      lane.waiting.shift();
    }
    this.#forget();
  }

  /** Lets progress that follows close upon other progress wait, so that what comes next merges with it. */
  async #pace(lane: Lane, next: Turn): Promise<void> {
    if (!next.report || !isProgress(next.report)) return;
    const interval = Math.max(progressInterval, intervalPerHearer * lane.hearers);
    // A clock that was set back makes nobody wait longer than that.
    const wait = Math.min(interval, lane.lastProgress + interval - this.#clock.now());
    lane.lastProgress = this.#clock.now() + Math.max(0, wait);
    if (wait <= 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(wait, resolve);
      lane.hurry = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Forgets the tasks that were reported on longest ago. */
  #forget(): void {
    for (const [taskId, lane] of this.#lanes) {
      if (this.#lanes.size <= lanesKept) return;
      if (lane.waiting.length === 0) this.#lanes.delete(taskId);
    }
  }
}

async function settle(lane: Lane, turn: Turn): Promise<void> {
  try {
    const result = (await turn.work(lane)) as never;
    for (const caller of turn.callers) caller.resolve(result);
  } catch (error) {
    if (!(error instanceof TidingsError && error.code === 'conflict')) lane.known = undefined;
    for (const caller of turn.callers) caller.reject(error);
  }
}
