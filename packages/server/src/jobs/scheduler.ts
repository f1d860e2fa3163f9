import type { Clock } from '../domain/ports.ts';
import type { Telemetry } from '../telemetry/events.ts';

/** Work that is done again and again. */
export interface Job {
  /** Names it in counters and in the log. */
  name: string;
  /** The time from the beginning of one run to the next, ms; a run that lasts longer is followed by the next at once. */
  everyMs: number;
  run(): unknown;
}

/** The runs of a job since the start. */
export interface JobCount {
  runs: number;
  failures: number;
  /** Duration of the last run, ms; null before its end. */
  lastMs: number | null;
}

export interface SchedulerParts {
  clock: Clock;
  telemetry: Telemetry;
  /** From 0 up to 1. Default Math.random. */
  random?: () => number;
}

/** The first run of a job comes within its interval, and each later one up to this share of it early or late. */
const jitter = 0.1;

/** Runs jobs, each never twice at once. A run that fails is logged, and the job goes on. */
export class Scheduler {
  readonly #parts: SchedulerParts;
  readonly #jobs: readonly Job[];
  readonly #counts = new Map<string, JobCount>();
  readonly #waiting = new Map<Job, () => void>();
  readonly #running = new Set<Promise<void>>();
  #isStopped = false;

  constructor(jobs: readonly Job[], parts: SchedulerParts) {
    this.#jobs = jobs;
    this.#parts = parts;
    for (const { name } of jobs) this.#counts.set(name, { runs: 0, failures: 0, lastMs: null });
  }

  start(): void {
    // Nodes that start together do not go on together.
    for (const job of this.#jobs) this.#wait(job, job.everyMs * (1 - jitter * this.#random()));
  }

  /** By the names of the jobs. */
  counts(): Readonly<Record<string, Readonly<JobCount>>> {
    return Object.fromEntries(this.#counts);
  }

  /** Begins nothing more. Resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
    await Promise.all(this.#running);
  }

  #wait(job: Job, ms: number): void {
    if (this.#isStopped) return;
    const begin = () => {
      this.#waiting.delete(job);
      const running = this.#run(job).finally(() => this.#running.delete(running));
      this.#running.add(running);
    };
    this.#waiting.set(job, this.#parts.clock.after(ms, begin));
  }

  async #run(job: Job): Promise<void> {
    const { clock, telemetry } = this.#parts;
    const count = this.#counts.get(job.name) as JobCount;
    const begun = clock.now();
    count.runs++;
    try {
      await job.run();
    } catch (error) {
      count.failures++;
      telemetry.emit({ type: 'failure', where: job.name, error: error as Error });
    }
    // A clock that is set back makes no pause long.
    count.lastMs = Math.max(0, clock.now() - begun);
    const next = job.everyMs * (1 + jitter * (2 * this.#random() - 1)) - count.lastMs;
    this.#wait(job, Math.max(0, next));
  }

  #random(): number {
    return (this.#parts.random ?? Math.random)();
  }
}
