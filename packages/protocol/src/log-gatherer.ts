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

interface Waiting {
  entry: TaskLogLine;
  stored: Promise<void>;
  settle: { resolve: () => void; reject: (error: unknown) => void };
}

interface Batch {
  entries: Waiting[];
  size: number;
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
    const stored = this.#put(entry);
    this.#send();
    return stored;
  }

  #sayDropped(): void {
    if (this.#dropped === 0) return;
    const text = `${this.#dropped} characters of the log were dropped here, since too much waited to be stored`;
    this.#dropped = 0;
    this.#put({ text, kind: 'line', level: 'warn' });
  }

  /** @returns resolves when it is stored */
  #put(entry: TaskLogLine): Promise<void> {
    let batch = this.#batches.at(-1);
    if (!batch || isFull(batch)) {
      batch = { entries: [], size: 0 };
      this.#batches.push(batch);
    }
    let last = batch.entries.at(-1);
    const isContinued = last !== undefined && continues(last.entry, entry);
    if (last && isContinued) {
      last.entry.text += entry.text;
    } else {
      last = waiting({ ...entry, at: new Date(this.#parts.clock.now()).toISOString() });
      batch.entries.push(last);
    }
    const size = entry.text.length + (isContinued ? 0 : entrySize);
    batch.size += size;
    this.#size += size;
    return last.stored;
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
      await this.#store(batch.entries);
      this.#size -= batch.size;
      this.#sending = null;
      // Nothing may come after what was dropped.
      if (this.#batches.length === 0) this.#sayDropped();
      this.#send();
    })();
  }

  /** Stores entries, or says to each what became of it: one that is too large does not take the others with it. */
  async #store(entries: Waiting[]): Promise<void> {
    try {
      await this.#parts.send(entries.map(({ entry }) => entry));
      for (const { settle } of entries) settle.resolve();
    } catch (error) {
      if (entries.length > 1 && error instanceof TidingsError && error.code === 'payload_too_large') {
        for (const one of entries) await this.#store([one]);
      } else {
        for (const { settle } of entries) settle.reject(error);
      }
    }
  }
}

function waiting(entry: TaskLogLine): Waiting {
  let settle: Waiting['settle'] | undefined;
  const stored = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { entry, stored: unheard(stored), settle: settle as Waiting['settle'] };
}

/** True for a chunk that goes on where the last one ends, and has space in the same entry. */
function continues(last: TaskLogLine, entry: TaskLogLine): boolean {
  const areChunks = last.kind === 'chunk' && entry.kind === 'chunk' && last.level === entry.level;
  return areChunks && last.text.length + entry.text.length <= chunkLength;
}

/** A promise that may be left without a listener. */
function unheard(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}

/** A chunk without the halves of surrogate pairs at its ends, whose other halves are in the chunks beside it. */
export const withoutOuterHalves = (chunk: string): string => chunk.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');

const isFull = ({ size, entries }: Batch): boolean => size >= fullSize || entries.length >= fullCount;
const isHighSurrogate = (unit: string | undefined): boolean => unit !== undefined && /^[\ud800-\udbff]$/.test(unit);
