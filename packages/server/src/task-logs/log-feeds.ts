import type { Changes } from '../domain/changes.ts';
import type { Ephemeral } from '../domain/ports.ts';
import type { TaskLogStore } from '../domain/store/task-logs.ts';
import type { LogFollower, LogPlace, TaskLogFeeds } from '../session/session-logs.ts';
import { taskRecordId } from '../tasks/record.ts';
import { LogFeed, type LogFeedParts } from './log-feed.ts';

export interface LogFeedsParts extends Omit<LogFeedParts, 'store'> {
  /** The id of this process among all that serve the logs. */
  node: string;
  store: Pick<TaskLogStore, 'taskLog' | 'taskLogHeads'>;
  ephemeral: Pick<Ephemeral, 'publish' | 'subscribe'>;
  watch: Pick<Changes, 'listen'>;
}

/** A message between nodes: entries were stored, up to a number. */
interface Added {
  node: string;
  seq: number;
}

interface Entry {
  feed: LogFeed;
  stop: () => void;
}

/** The most names in one question to the store. */
const namesAtOnce = 500;

const channelOf = (taskId: string): string => `task-log:${taskId}`;

/** The logs of tasks that are followed on this node. Entries that other nodes store are told by ephemeral messages; one that is lost is found within a second. */
export class LogFeeds implements TaskLogFeeds {
  readonly #parts: LogFeedsParts;
  readonly #entries = new Map<string, Entry>();

  constructor(parts: LogFeedsParts) {
    this.#parts = parts;
  }

  follow(taskId: string, after: number, follower: LogFollower): LogPlace {
    const { feed } = this.#entries.get(taskId) ?? this.#open(taskId);
    return feed.follow(follower, after, () => this.#closeUnused(taskId));
  }

  /** This node has stored entries, up to a number. */
  added(taskId: string, seq: number): void {
    this.#entries.get(taskId)?.feed.expect(seq);
    this.#parts.ephemeral.publish(channelOf(taskId), JSON.stringify({ node: this.#parts.node, seq } satisfies Added));
  }

  /** Once a second: finds entries of other nodes whose messages were lost. */
  async sweep(): Promise<void> {
    const names = [...this.#entries.keys()];
    for (let from = 0; from < names.length; from += namesAtOnce) {
      const heads = await this.#parts.store.taskLogHeads(names.slice(from, from + namesAtOnce));
      for (const [taskId, seq] of heads) this.#entries.get(taskId)?.feed.expect(seq);
    }
  }

  #open(taskId: string): Entry {
    const { ephemeral, watch, node } = this.#parts;
    const feed = new LogFeed(taskId, this.#parts);
    const stops = [
      ephemeral.subscribe(channelOf(taskId), (text) => {
        const added = JSON.parse(text) as Added;
        if (added.node !== node) feed.expect(added.seq);
      }),
      watch.listen(taskRecordId(taskId), () => feed.taskChanged()),
    ];
    const entry = {
      feed,
      stop: () => {
        for (const stop of stops) stop();
      },
    };
    this.#entries.set(taskId, entry);
    return entry;
  }

  #closeUnused(taskId: string): void {
    const entry = this.#entries.get(taskId);
    if (!entry?.feed.isEmpty) return;
    entry.stop();
    this.#entries.delete(taskId);
  }
}
