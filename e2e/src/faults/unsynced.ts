/** Bytes of a file. */
export interface Range {
  at: number;
  length: number;
}

/**
 * The ranges of each file that were written since it was last synced, of what `strace -y` has seen: what a power loss may take.
 * A sync that did not return does not count.
 */
export function unsyncedRanges(trace: string): Map<string, Range[]> {
  const written = new Map<string, Range[]>();
  for (const line of trace.split('\n')) {
    const write = /pwrite64\(\d+<([^>]+)>, .*, (\d+), (\d+)(?:\) = \d+| <unfinished)/.exec(line);
    if (write) {
      const [, file, length, at] = write as unknown as [string, string, string, string];
      written.set(file, [...(written.get(file) ?? []), { at: Number(at), length: Number(length) }]);
    }
    const synced = /f(?:data)?sync\(\d+<([^>]+)>\) += 0/.exec(line);
    if (synced) written.delete(synced[1] as string);
  }
  return written;
}
