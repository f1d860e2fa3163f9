import { TidingsError } from './errors.ts';
import type { TaskLogLevel, TaskLogLine } from './wire/tasks.ts';

export interface LogGathererParts {
  clock: {
    /** Epoch milliseconds. */
    now(): number;
    /** Calls back once, in `ms` milliseconds. @returns cancels it */
    after(ms: number, call: () => void): () => void;
  };
  /** Stores entries, in order: is called again when the call before has ended. */
  send(entries: TaskLogLine[]): Promise<unknown>;
}

/** The time for which entries are gathered, ms. */
const gatherMs = 50;
/** The size of entries that are sent before that, in characters, and their number. */
const fullSize = 32_768;
const fullCount = 500;
/** The longest text of a chunk, in characters: a longer one becomes several. In UTF-8 it has three times as many bytes at most. */
const chunkLength = 16_384;
/** The most characters that wait while nothing can be stored: what comes then is dropped, and an entry says so. */
const waitingSize = 4_194_304;
/** The characters that an entry counts beside its text. */
const entrySize = 100;

interface Batch {
  entries: TaskLogLine[];
  size: number;
  stored: Promise<void>;
  settle: { resolve: () => void; reject: (error: unknown) => void };
}

/** Gathers entries for the log of one task: chunks that follow each other become one, and what comes within 50 ms is sent together, in order. */
export class LogGatherer {
  readonly #parts: LogGathererParts;
  #batches: Batch[] = [];
  #size = 0;
  /** Characters that were dropped since the last entry that says so. */
  #dropped = 0;
  /** The first half of a surrogate pair at the end of the last chunk: the other half is at the beginning of the next one. */
  #half: { text: string; level: TaskLogLevel } | null = null;
  #cancelTimer: (() => void) | null = null;
  #sending: Promise<void> | null = null;
  #isUrgent = false;

  constructor(parts: LogGathererParts) {
    this.#parts = parts;
  }

  /** True if nothing waits. */
  get isIdle(): boolean {
    return this.#batches.length === 0 && this.#sending === null && this.#half === null;
  }

  /** Adds a line. Resolves when it is stored. @throws TidingsError what storing comes to; `too_many` where too much waits */
  line(text: string, level: TaskLogLevel): Promise<void> {
    this.#endHalf();
    return this.#add({ text, kind: 'line', level });
  }

  /** Adds a part of a text that goes on with the next chunk. Resolves when it is stored, as `line` does. */
  chunk(text: string, level: TaskLogLevel): Promise<void> {
    if (this.#half && this.#half.level !== level) this.#endHalf();
    // A second half without its first is no character either.
    let rest = `${this.#half?.text ?? ''}${text}`.replace(/^[\udc00-\udfff]/, '\ufffd');
    this.#half = null;
    if (isHighSurrogate(rest.at(-1))) {
      this.#half = { text: rest.slice(-1), level };
      rest = rest.slice(0, -1);
    }
    let stored = Promise.resolve();
    while (rest !== '') {
      const length = isHighSurrogate(rest[chunkLength - 1]) ? chunkLength - 1 : chunkLength;
      stored = this.#add({ text: rest.slice(0, length), kind: 'chunk', level });
      rest = rest.slice(length);
    }
    return stored;
  }

  /** Resolves when all that was added is stored or refused. */
  async flush(): Promise<void> {
    this.#endHalf();
    this.#isUrgent = true;
    this.#send();
    while (this.#sending) await this.#sending;
    this.#isUrgent = false;
  }

  /** A half that nothing completes is no character. */
  #endHalf(): void {
    const half = this.#half;
    this.#half = null;
    if (half) void this.#add({ text: '\ufffd', kind: 'chunk', level: half.level });
  }

  #add(entry: TaskLogLine): Promise<void> {
    if (this.#size >= waitingSize) {
      this.#dropped += entry.text.length;
      const message = `the log waits to be stored with ${this.#size} characters already; this was dropped`;
      return unheard(Promise.reject(new TidingsError('too_many', message)));
    }
    this.#sayDropped();
    const { stored } = this.#put(entry);
    this.#send();
    return stored;
  }

  #sayDropped(): void {
    if (this.#dropped === 0) return;
    const text = `${this.#dropped} characters of the log were dropped here, since too much waited to be stored`;
    this.#dropped = 0;
    this.#put({ text, kind: 'line', level: 'warn' });
  }

  #put(entry: TaskLogLine): Batch {
    let batch = this.#batches.at(-1);
    if (!batch || isFull(batch)) {
      batch = newBatch();
      this.#batches.push(batch);
    }
    const last = batch.entries.at(-1);
    const continues = last?.kind === 'chunk' && entry.kind === 'chunk' && last.level === entry.level;
    if (last && continues && last.text.length + entry.text.length <= chunkLength) last.text += entry.text;
    else batch.entries.push({ ...entry, at: new Date(this.#parts.clock.now()).toISOString() });
    const size = entry.text.length + (last && continues ? 0 : entrySize);
    batch.size += size;
    this.#size += size;
    return batch;
  }

  /** Sends the first batch if it is its time, and nothing is under way. */
  #send(): void {
    const [batch] = this.#batches;
    if (!batch || this.#sending) return;
    if (!this.#isUrgent && !isFull(batch)) {
      this.#cancelTimer ??= this.#parts.clock.after(gatherMs, () => this.#sendFirst());
      return;
    }
    this.#sendFirst();
  }

  #sendFirst(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const batch = this.#batches.shift();
    if (!batch) return;
    this.#sending = (async () => {
      try {
        await this.#parts.send(batch.entries);
        batch.settle.resolve();
      } catch (error) {
        batch.settle.reject(error);
      }
      this.#size -= batch.size;
      this.#sending = null;
      // Nothing may come after what was dropped.
      if (this.#batches.length === 0) this.#sayDropped();
      this.#send();
    })();
  }
}

function newBatch(): Batch {
  let settle: Batch['settle'] | undefined;
  const stored = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { entries: [], size: 0, stored: unheard(stored), settle: settle as Batch['settle'] };
}

/** A promise that may be left without a listener. */
function unheard(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}

const isFull = ({ size, entries }: Batch): boolean => size >= fullSize || entries.length >= fullCount;
const isHighSurrogate = (unit: string | undefined): boolean => unit !== undefined && /^[\ud800-\udbff]$/.test(unit);
