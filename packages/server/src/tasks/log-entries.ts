import type { TaskLogEntry } from '@tidings/protocol';
import type { LogBlock } from '../domain/store/task-logs.ts';

/** The entries of blocks past a number, as they are read. */
export function logEntries(blocks: readonly LogBlock[], after: number): TaskLogEntry[] {
  return blocks.flatMap(({ entries, firstSeq, seq, attempt }) =>
    entries
      .map(({ at, ...entry }, i): TaskLogEntry => {
        const own = { ...entry, attempt, at: new Date(at).toISOString() };
        if (entry.kind !== 'dropped') return { seq: firstSeq + i, ...own };
        const first_seq = Math.max(firstSeq, after + 1);
        return first_seq === seq ? { seq, ...own } : { seq, first_seq, ...own };
      })
      .filter((entry) => entry.seq > after),
  );
}

/** Puts chunks that follow each other together. @param most the most characters of such an entry */
export function withChunksJoined(entries: readonly TaskLogEntry[], most: number): TaskLogEntry[] {
  const joined: TaskLogEntry[] = [];
  for (const entry of entries) {
    const last = joined.at(-1);
    if (last && goesOn(last, entry) && last.text.length + entry.text.length <= most) {
      joined[joined.length - 1] = {
        ...last,
        seq: entry.seq,
        first_seq: last.first_seq ?? last.seq,
        text: last.text + entry.text,
      };
    } else joined.push(entry);
  }
  return joined;
}

const goesOn = (before: TaskLogEntry, entry: TaskLogEntry): boolean =>
  before.kind === 'chunk' && entry.kind === 'chunk' && before.level === entry.level && before.attempt === entry.attempt;
