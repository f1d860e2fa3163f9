import { hasEnded, isProgress, mergeReports, type TaskReport, TidingsError } from '@tidings/protocol';
import type { Clock } from '../domain/ports.ts';
import { forget, type TaskEntry } from './commits.ts';

/** One step of work on a task, while nothing else in this process changes it. */
interface Turn {
  /** The report, where it is one: progress that is not stored yet may be merged with what comes after it. */
  report: TaskReport | null;
  work: (entry: QueueEntry) => Promise<unknown>;
  callers: { resolve: (result: never) => void; reject: (error: unknown) => void }[];
}

interface QueueEntry extends TaskEntry {
  waiting: Turn[];
  lastProgress: number;
  /** Ends the pause before progress is stored: something waits behind it. */
  flush: () => void;
}

/** Progress alone is stored at most this often per task, ms: a watcher sees no more, and the last one always. */
const progressInterval = 20;
/** Time between two stored reports for each recipient of a linked notification, ms: thousands of recipients get fewer reports. */
const intervalPerRecipient = 0.2;

/** The most tasks that are remembered between reports; others are read again. */
const entriesKept = 10_000;

/**
 * Gives out turns: one at a time for each task, in the order asked for. Progress that comes in while another change of its
 * task is being stored is merged into one turn, and each caller is answered after it.
 */
export class KeyedQueue {
  readonly #clock: Clock;
  readonly #apply: (taskId: string, entry: TaskEntry, report: TaskReport) => Promise<unknown>;
  readonly #entries = new Map<string, QueueEntry>();

  /** @param apply stores what a report, maybe merged of several, makes of its task */
  constructor(clock: Clock, apply: (taskId: string, entry: TaskEntry, report: TaskReport) => Promise<unknown>) {
    this.#clock = clock;
    this.#apply = apply;
  }

  /** A turn for a report. @returns what `apply` made of it and of what it was merged with */
  report<T>(taskId: string, report: TaskReport): Promise<T> {
    return this.#enter<T>(taskId, report, (entry) => this.#apply(taskId, entry, report));
  }

  take<T>(taskId: string, work: (entry: TaskEntry) => Promise<T>): Promise<T> {
    return this.#enter<T>(taskId, null, work);
  }

  /** Turns of several tasks at once. Ids in order and each once, so that no two callers wait for each other. */
  takeAll<T>(taskIds: readonly string[], work: (held: ReadonlyMap<string, TaskEntry>) => Promise<T>): Promise<T> {
    const next = (i: number, held: ReadonlyMap<string, TaskEntry>): Promise<T> => {
      const taskId = taskIds[i];
      if (taskId === undefined) return work(held);
      return this.take(taskId, (entry) => next(i + 1, new Map([...held, [taskId, entry]])));
    };
    return next(0, new Map());
  }

  #enter<T>(taskId: string, report: TaskReport | null, work: Turn['work']): Promise<T> {
    return new Promise((resolve, reject) => {
      const entry = this.#entries.get(taskId);
      const caller = { resolve, reject };
      const last = entry?.waiting.at(-1);
      const merged = last?.report && report ? mergeReports(last.report, report) : null;
      if (last && merged) {
        last.report = merged;
        last.work = (of) => this.#apply(taskId, of, merged);
        last.callers.push(caller);
        return;
      }
      const turn = { report, work, callers: [caller] };
      if (entry && entry.waiting.length > 0) {
        entry.waiting.push(turn);
        entry.flush();
      } else
        void this.#run(
          taskId,
          entry ?? {
            known: undefined,
            mayHaveLinks: true,
            waiting: [],
            recipients: 0,
            lastProgress: 0,
            flush: () => {},
          },
          turn,
        );
    });
  }

  async #run(taskId: string, entry: QueueEntry, first: Turn): Promise<void> {
    entry.waiting.push(first);
    this.#entries.delete(taskId);
    this.#entries.set(taskId, entry);
    while (entry.waiting[0]) {
      await this.#throttle(entry, entry.waiting[0]);
      const next = entry.waiting[0];
      // Work that is being stored takes no more reports: a placeholder keeps later ones from merging into it.
      entry.waiting[0] = { report: null, work: next.work, callers: [] };
      await runTurn(entry, next);
      entry.waiting.shift();
    }
    // An ended task is seldom changed again, and may be large.
    if (entry.known && hasEnded(entry.known.state.status)) this.#entries.delete(taskId);
    this.#forget();
  }

  /** Lets progress that follows close upon other progress wait, so that what comes next merges with it. */
  async #throttle(entry: QueueEntry, next: Turn): Promise<void> {
    if (!next.report || !isProgress(next.report) || entry.waiting.length > 1) return;
    const interval = Math.max(progressInterval, intervalPerRecipient * entry.recipients);
    // A clock that was set back makes nobody wait longer than that.
    const wait = Math.min(interval, entry.lastProgress + interval - this.#clock.now());
    entry.lastProgress = this.#clock.now() + Math.max(0, wait);
    if (wait <= 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(wait, resolve);
      entry.flush = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Forgets the tasks that were reported on longest ago. */
  #forget(): void {
    for (const [taskId, entry] of this.#entries) {
      if (this.#entries.size <= entriesKept) return;
      if (entry.waiting.length === 0) this.#entries.delete(taskId);
    }
  }
}

async function runTurn(entry: QueueEntry, turn: Turn): Promise<void> {
  try {
    const result = (await turn.work(entry)) as never;
    for (const caller of turn.callers) caller.resolve(result);
  } catch (error) {
    if (!(error instanceof TidingsError && error.code === 'conflict')) forget(entry);
    for (const caller of turn.callers) caller.reject(error);
  }
}
