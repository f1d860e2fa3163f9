/** Counts durations by their length. */
export class Histogram {
  /** The upper bounds of the buckets, seconds, ascending. */
  readonly bounds: readonly number[];
  /** The number of durations in each bucket; those above the last bound are in one more. */
  readonly counts: number[];
  /** All of them together, seconds. */
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  /** @param milliseconds one that is below 0, as after a clock was set back, counts as 0 */
  observe(milliseconds: number): void {
    const seconds = Math.max(0, milliseconds) / 1_000;
    let bucket = 0;
    while (bucket < this.bounds.length && seconds > (this.bounds[bucket] as number)) bucket++;
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
    this.sum += seconds;
  }
}
