import type { Identity } from '../domain/identity.ts';
import type { TaskLogStore } from '../domain/store/task-logs.ts';
import type { Frame } from '../fanout/frame.ts';
import type { LogFollower, LogPlace } from '../session/session-logs.ts';
import { logEntries } from '../tasks/log-entries.ts';
import { taskRecordId } from '../tasks/record.ts';
import { readTask, type TaskState } from '../tasks/task.ts';
import { logFrames } from './log-frames.ts';

export interface LogFeedParts {
  store: Pick<TaskLogStore, 'taskLog'>;
  counters: { taskLogFrames: number };
  /** True if a person may read a task. */
  mayRead(person: Identity, task: TaskState): boolean;
  failed(error: Error): void;
}

interface Place {
  /** The number of the last entry that was sent. */
  after: number;
  /** The round of reading up to which all that there was has been sent, or may not be. */
  round: number;
  /** True if it could not read the task when it was last served. */
  isDenied: boolean;
  begun(): void;
}

/**
 * The log of one task for its followers on this node. Each has a place, and is sent what comes after it when it takes frames: a page of
 * the log, read once for all who are at the same place. So a slow one is sent what it missed in fewer and larger entries, and holds up
 * nobody. The right to read the task is that of the moment at which the page is read.
 */
export class LogFeed {
  readonly #taskId: string;
  readonly #parts: LogFeedParts;
  readonly #places = new Map<LogFollower, Place>();
  /** Grows with each sign that there may be more. */
  #round = 1;
  #isRunning = false;
  /** The number of changes of the task. */
  #changes = 0;
  /** The newest entry that was read. */
  lastSeq = 0;

  constructor(taskId: string, parts: LogFeedParts) {
    this.#taskId = taskId;
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#places.size === 0;
  }

  /** @param left called when the follower has left */
  follow(follower: LogFollower, after: number, left: () => void): LogPlace {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#places.set(follower, { after, round: 0, isDenied: false, begun: resolve });
    void this.#run();
    return {
      begun: promise,
      resume: () => void this.#run(),
      leave: () => {
        if (this.#places.delete(follower)) left();
        resolve();
      },
    };
  }

  /** There may be entries up to a number. */
  expect(seq: number): void {
    if (seq > this.lastSeq) this.readAgain();
  }

  /** There may be more to send. */
  readAgain(): void {
    this.#round++;
    void this.#run();
  }

  /** The task has changed: somebody may read it now who could not. */
  taskChanged(): void {
    this.#changes++;
    for (const place of this.#places.values()) if (place.isDenied) place.round = 0;
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let group = this.#next(); group.length > 0; group = this.#next()) await this.#serve(group);
    } catch (error) {
      // It is read again at the next sign, or when heads are compared.
      this.lastSeq = 0;
      for (const { begun } of this.#places.values()) begun();
      this.#parts.failed(error as Error);
    }
    this.#isRunning = false;
  }

  /** The followers that are furthest behind at one place, and take frames. */
  #next(): LogFollower[] {
    let group: LogFollower[] = [];
    let first = Number.POSITIVE_INFINITY;
    for (const [follower, { after, round }] of this.#places) {
      if (round >= this.#round || after > first || !follower.canTake()) continue;
      if (after < first) group = [];
      first = after;
      group.push(follower);
    }
    return group;
  }

  async #serve(group: readonly LogFollower[]): Promise<void> {
    const begun = this.#round;
    const changes = this.#changes;
    const after = this.#places.get(group[0] as LogFollower)?.after ?? 0;
    const { record, blocks, full } = await this.#parts.store.taskLog(this.#taskId, taskRecordId(this.#taskId), after);
    const task = record && readTask(record.state as string);
    const entries = logEntries(blocks, after);
    const last = entries.at(-1)?.seq ?? after;
    const isNewest = this.#round === begun;
    if (last > this.lastSeq) {
      this.lastSeq = last;
      // Those who were served before it was there are further behind now.
      this.#round++;
    }
    const round = isNewest ? this.#round : begun;
    const frames = new Map<number, Frame[]>();
    for (const follower of group) {
      const place = this.#places.get(follower);
      if (!place) continue;
      place.begun();
      const isAllowed = task !== null && this.#parts.mayRead(follower.identity, task);
      place.isDenied = !isAllowed;
      if (!isAllowed || entries.length === 0) {
        // A task that has changed since it was read may let them read it.
        if (isAllowed || changes === this.#changes) place.round = round;
        continue;
      }
      if (!follower.canTake()) continue;
      const own = frames.get(follower.maxFrame) ?? logFrames(this.#taskId, entries, follower.maxFrame);
      frames.set(follower.maxFrame, own);
      follower.take(own);
      this.#parts.counters.taskLogFrames += own.length;
      place.after = last;
      if (!full) place.round = round;
    }
  }
}
