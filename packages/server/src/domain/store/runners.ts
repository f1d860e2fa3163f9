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
  /** Removes a runner with its permits, unless its lease was extended meanwhile. */
  removeRunner(name: string): Promise<void>;
  /**
   * Takes one of so many permits of a kind of tasks, on all nodes together. Those of a runner that was removed are free. One that has this token already keeps it.
   * @returns false if all are taken
   */
  takePermit(permit: Permit, atMost: number): Promise<boolean>;
  /** Gives a permit back, if this token has it. */
  returnPermit(token: string): Promise<void>;
}

/** The right to run one of a limited number of tasks. */
interface Permit {
  /** The name of the tasks that share the limit, and their key. */
  name: string;
  key: string;
  /** Names whoever has it, and no one else ever. */
  token: string;
  runner: string;
}
