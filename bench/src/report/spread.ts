/** A figure over all rounds. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

/** The spread of some figures, at least one. */
export function spreadOf(figures: readonly number[]): Spread {
  const sorted = [...figures].sort((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(half)] as number) + (sorted[Math.ceil(half)] as number)) / 2;
  return { median, least: sorted[0] as number, most: sorted.at(-1) as number };
}

/** The median, and from where to where it went. @param format default: one decimal below 10, none above */
export const withSpread = ({ median, least, most }: Spread, format: (value: number) => string = short): string =>
  `${format(median)} (${format(least)}–${format(most)})`;

const short = (value: number): string => (Math.abs(value) < 10 ? value.toFixed(1) : String(Math.round(value)));
