/**
 * The runners of tasks, each under a name of its own for each start. A runner lives as long as it extends its lease in time, by the
 * database's clock; the tasks of one that does not are taken over by others.
 */
export interface RunnerStore {
  /** Adds a runner with a lease of `ms` from now. */
  addRunner(name: string, ms: number): Promise<void>;
  /** Extends a lease to `ms` from now, 0 to end it. False if the runner was removed. */
  extendRunner(name: string, ms: number): Promise<boolean>;
  /** All runners that were not removed. */
  runners(): Promise<{ name: string; isAlive: boolean }[]>;
  /** Removes a runner, unless its lease was extended meanwhile. */
  removeRunner(name: string): Promise<void>;
}
