import type { TaskLogEntry, TidingsError } from '@tidings/protocol';
import type { TidingsClient } from '../client.ts';
import { SnapshotStore } from '../snapshot-store.ts';

/** A new object whenever something changed; the same one until then. */
export interface TaskLogSnapshot {
  /** Oldest first. Chunks that follow each other are one entry, which grows. */
  entries: readonly TaskLogEntry[];
  /** `waiting` until the server has answered; `refused` where it does not let this client follow the log, as `reason` says. */
  status: 'waiting' | 'ready' | 'refused';
  reason: { code: string; message: string } | null;
}

/** The longest text of an entry that grows, in characters. */
const longest = 65_536;

/** The log of one task as one client follows it, shared by all who use it there. */
export class TaskLogStore extends SnapshotStore<TaskLogSnapshot> {
  readonly taskId: string;
  /** The number of those who use it. */
  users = 0;
  readonly #client: Pick<TidingsClient, 'request' | 'subscribe' | 'parts'>;
  #entries: TaskLogEntry[] = [];
  #status: TaskLogSnapshot['status'] = 'waiting';
  #reason: TaskLogSnapshot['reason'] = null;
  /** The number of the last entry that it has. */
  #seq = 0;
  #end: (() => void) | null = null;
  /** Counts the requests, so that answers to an earlier one are ignored. */
  #request = 0;

  constructor(taskId: string, client: Pick<TidingsClient, 'request' | 'subscribe' | 'parts'>) {
    super(client.parts, () => ({ entries: [...this.#entries], status: this.#status, reason: this.#reason }));
    this.taskId = taskId;
    this.#client = client;
  }

  /** Asks the server for what comes behind the last entry, on a connection that is there. */
  follow(): void {
    this.#end ??= this.#client.subscribe(this.taskId);
    const request = ++this.#request;
    const action = { action: 'subscribe', task_id: this.taskId, log_after: this.#seq } as const;
    const answered = (error?: TidingsError) => {
      // With a connection that is lost, it is asked for by the next one.
      if (request !== this.#request || error?.retryable) return;
      this.#status = error ? 'refused' : 'ready';
      this.#reason = error ? { code: error.code, message: error.message } : null;
      this.changed();
    };
    this.#client.request(action).then(() => answered(), answered);
  }

  end(): void {
    this.#request++;
    this.#end?.();
    this.#end = null;
  }

  /** Forgets everything: it is another user's, or of another history. */
  clear(): void {
    this.#entries = [];
    this.#seq = 0;
    this.#status = 'waiting';
    this.changed();
  }

  /** Takes in entries that came. Those of an earlier request may come again. */
  put(entries: readonly TaskLogEntry[]): void {
    for (const entry of entries) {
      const { seq, first_seq = seq } = entry;
      if (seq <= this.#seq) continue;
      if (first_seq !== this.#seq + 1) {
        // It is half of what is held already: asked for from there.
        this.follow();
        break;
      }
      this.#seq = seq;
      this.#add(entry);
    }
    this.changed();
  }

  #add(entry: TaskLogEntry): void {
    const last = this.#entries.at(-1);
    const goesOn = last?.kind === 'chunk' && entry.kind === 'chunk' && last.level === entry.level;
    if (!last || !goesOn || last.attempt !== entry.attempt || last.text.length + entry.text.length > longest) {
      this.#entries.push(entry);
      return;
    }
    const first_seq = last.first_seq ?? last.seq;
    this.#entries[this.#entries.length - 1] = { ...last, seq: entry.seq, first_seq, text: last.text + entry.text };
  }
}
