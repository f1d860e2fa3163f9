import type { Identity } from '../domain/identity.ts';
import { taskOfTopic } from '../domain/topics.ts';
import type { Frame } from '../fanout/frame.ts';

/** A receiver of the log of a task, behind a number. */
export interface LogFollower {
  readonly identity: Identity;
  /** The largest frame that the client takes, bytes. */
  readonly maxFrame: number;
  /** True if it takes frames now. If not, it calls `resume` of its place when it does. */
  canTake(): boolean;
  /** Sends frames, after `canTake`. */
  take(frames: readonly Frame[]): void;
}

/** The place of one follower in the log of a task. */
export interface LogPlace {
  /** Resolves when the log was read for it for the first time, or could not be. */
  readonly begun: Promise<void>;
  /** The follower takes frames again. */
  resume(): void;
  leave(): void;
}

/** Reads the logs of tasks for those who follow them. */
export interface TaskLogFeeds {
  follow(taskId: string, after: number, follower: LogFollower): LogPlace;
}

/** The session whose logs they are. */
export interface LogSession {
  readonly identity: Identity;
  readonly maxFrame: number;
  /** True if frames may be sent now: it is live, and reads nothing. */
  readonly isLive: boolean;
  follows(topic: string): boolean;
  readonly output: {
    readonly isDrained: boolean;
    drained(): Promise<void>;
    sendLog(frames: readonly Frame[]): void;
  };
}

interface Entry {
  after: number;
  /** Null until the task is followed. */
  place: LogPlace | null;
  /** True while it waits until the client has read what was sent. */
  isWaiting: boolean;
}

/** The tasks whose logs one session follows, or will when it follows the task. */
export class SessionLogs {
  readonly #session: LogSession;
  readonly #feeds: TaskLogFeeds;
  /** By topic. */
  readonly #entries = new Map<string, Entry>();

  constructor(session: LogSession, feeds: TaskLogFeeds) {
    this.#session = session;
    this.#feeds = feeds;
  }

  /** Follows the log of a task, by its topic, as soon as the session follows the task: from behind a number, wherever it was before. */
  follow(topic: string, after: number): void {
    this.leave(topic);
    this.#entries.set(topic, { after, place: null, isWaiting: false });
  }

  leave(topic: string): void {
    this.#entries.get(topic)?.place?.leave();
    this.#entries.delete(topic);
  }

  leaveAll(): void {
    for (const topic of [...this.#entries.keys()]) this.leave(topic);
  }

  /** The session is live. */
  flush(): void {
    for (const [topic, entry] of this.#entries) {
      if (entry.place) entry.place.resume();
      else if (this.#session.follows(topic)) this.#begin(topic, entry);
    }
  }

  /** Resolves when the logs that it follows now were read for the first time. */
  async begun(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ place }) => place?.begun));
  }

  #begin(topic: string, entry: Entry): void {
    const session = this.#session;
    entry.place = this.#feeds.follow(taskOfTopic(topic), entry.after, {
      get identity() {
        return session.identity;
      },
      maxFrame: session.maxFrame,
      canTake: () => this.#canTake(topic, entry),
      take: (frames) => session.output.sendLog(frames),
    });
  }

  #canTake(topic: string, entry: Entry): boolean {
    const { output, isLive } = this.#session;
    if (isLive && output.isDrained) return this.#session.follows(topic);
    // A session that is not live calls `flush` when it is.
    if (!output.isDrained && !entry.isWaiting) void this.#waitFor(entry);
    return false;
  }

  async #waitFor(entry: Entry): Promise<void> {
    entry.isWaiting = true;
    await this.#session.output.drained();
    entry.isWaiting = false;
    entry.place?.resume();
  }
}
