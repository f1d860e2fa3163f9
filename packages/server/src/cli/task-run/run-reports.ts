import type { TidingsError } from '@tidings/protocol';
import type { Task, TaskReport, Tasks } from '@tidings/sender';
import type { Clock } from '../../domain/ports.ts';

/** Milliseconds between two reports at least, however many lines come. */
const reportIntervalMs = 250;

export interface RunReportsOptions {
  tasks: Pick<Tasks, 'report'>;
  clock: Pick<Clock, 'after'>;
  taskId: string;
  /** The attempt that is reported on: a report changes nothing once a later one has begun. */
  attempt: number;
  /** Called with the task as each report is answered. */
  onChange(task: Task): void;
  /** Called with the reason why a report did not get through. */
  onFailure(error: TidingsError): void;
}

/** Reports on a task whose program says more than anybody would follow: gathered, and the newest always. */
export class RunReports {
  readonly #options: RunReportsOptions;
  #next: TaskReport | null = null;
  #state: 'idle' | 'sending' | 'pausing' | 'ended' = 'idle';
  #cancelPause = (): void => {};

  constructor(options: RunReportsOptions) {
    this.#options = options;
  }

  /** Progress, which is sent within 250 ms with what else has come by then. */
  add(progress: TaskReport): void {
    if (this.#state === 'ended') return;
    this.#next = { ...this.#next, ...progress };
    if (this.#state === 'idle') void this.#send();
  }

  /** The end, with the progress that waits. Resolves with the task. @throws TidingsError if it was not taken in time */
  async end(end: TaskReport): Promise<Task> {
    this.#cancelPause();
    this.#state = 'ended';
    const { tasks, taskId, attempt } = this.#options;
    return tasks.report(taskId, { ...this.#next, ...end, attempt });
  }

  async #send(): Promise<void> {
    const { tasks, taskId, attempt, clock, onChange, onFailure } = this.#options;
    const report = this.#next;
    if (report === null) return;
    this.#next = null;
    this.#state = 'sending';
    try {
      onChange(await tasks.report(taskId, { ...report, attempt }));
    } catch (error) {
      onFailure(error as TidingsError);
      // Fields that have come since are newer.
      if ((error as TidingsError).retryable) this.#next = { ...report, ...(this.#next as TaskReport | null) };
    }
    if (this.#isOver()) return;
    this.#state = 'pausing';
    this.#cancelPause = clock.after(reportIntervalMs, () => {
      this.#state = 'idle';
      void this.#send();
    });
  }

  #isOver(): boolean {
    return this.#state === 'ended';
  }
}
