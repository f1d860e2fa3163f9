import type { TaskReport } from '@tidings/protocol';
import type { TaskState } from './task.ts';

/** The right to run a task once. */
export interface TaskClaim {
  /** The task as it was when its run began. */
  state: TaskState;
  /** Fencing token: another for each claim, kept with the task. What comes with an earlier one changes nothing. */
  token: string;
}

/** A limit on the number of tasks that run at a time, on all nodes together. */
export interface TaskLimit {
  /** Tasks of one name and key share the limit. */
  key: string;
  atMost: number;
}

/** The end of a run. */
export interface Ending {
  report: TaskReport;
  /** True if running it again would not help. */
  isFinal: boolean;
  /** Of a run that failed: the time after which another attempt is to be made, ms. */
  retryInMs?: number;
}

/**
 * The tasks that are run by handlers, for one runner of any number.
 * - One runner at a time has a task. A claim lasts until it is released, or until its runner has sent no heartbeat for as long as a lease
 *   lasts.
 * - Who runs a task whose claim was lost may work on, but stores nothing: the task has another token by then.
 */
export interface TaskQueue {
  /**
   * Begins a task; null if it is not queued any more, or is to wait for a time that has not come; `full` if as many run as may.
   * @param limitOf the limit of a task; without one any number may run
   */
  claim(taskId: string, limitOf?: (state: TaskState) => TaskLimit): Promise<TaskClaim | 'full' | null>;
  /** Extends the lease of all claims. False if they were given up: what runs under them is to stop. */
  heartbeat(): Promise<boolean>;
  /**
   * Stores how a run ended; one that failed and is to be tried again is queued, unless somebody has asked to cancel it. Null, with nothing
   * stored, where the claim was lost or the task has ended already.
   */
  release(claim: TaskClaim, ending: Ending): Promise<TaskState | null>;
  /** Gives up the claims of runners whose lease has ended. @returns what may be claimed now, oldest first, as far as it is known to be so */
  overdue(): Promise<TaskState[]>;
  /** Ends the lease, so that others go on with the tasks of this runner at once. */
  close(): Promise<void>;
}
