/** Metrics as they were read. */
export interface ReadMetrics {
  names: string[];
  /** The value of a sample; `labels` as they stand between its braces. */
  value(name: string, labels?: string): number;
  /** The samples of a name, all together. */
  sum(name: string): number;
}

const helpLine = /^# HELP ([a-z_]+) (\S.*\.)$/;
const typeLine = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/;
const sampleLine = /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

/** Reads the text format of Prometheus, and holds it to its rules. Throws at the first line that breaks one. */
export function readMetrics(text: string): ReadMetrics {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  let open = '';
  for (const line of linesOf(text)) {
    const help = helpLine.exec(line);
    const type = typeLine.exec(line);
    if (help) {
      open = help[1] as string;
      if (types.has(open)) throw new Error(`${open} comes twice`);
    } else if (type) {
      if (type[1] !== open || types.has(open)) throw new Error(`not behind its HELP: ${line}`);
      if ((type[2] === 'counter') !== open.endsWith('_total')) throw new Error(`a counter ends in _total: ${line}`);
      types.set(open, type[2] as string);
    } else {
      const [, name, labels, value] = sampleLine.exec(line) ?? [];
      if (!name || !isOf(name, open, types.get(open))) throw new Error(`not a sample of ${open}: ${line}`);
      const key = `${name}{${labels ?? ''}}`;
      if (samples.has(key)) throw new Error(`${key} comes twice`);
      samples.set(key, Number(value));
    }
  }
  for (const [name, type] of types) if (type === 'histogram') checkBuckets(name, samples);
  return {
    names: [...types.keys()],
    value(name, labels = '') {
      const found = samples.get(`${name}{${labels}}`);
      if (found === undefined) throw new Error(`there is no ${name}{${labels}}`);
      return found;
    },
    sum: (name) =>
      [...samples].filter(([key]) => key.startsWith(`${name}{`)).reduce((sum, [, value]) => sum + value, 0),
  };
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the last line does not end');
  return lines;
}

const isOf = (name: string, metric: string, type: string | undefined): boolean =>
  type === 'histogram'
    ? new RegExp(`^${metric}_(bucket|sum|count)$`).test(name)
    : type !== undefined && name === metric;

/** Buckets hold all that is below their bound; the last has all. */
function checkBuckets(name: string, samples: ReadonlyMap<string, number>): void {
  const buckets = [...samples].filter(([key]) => key.startsWith(`${name}_bucket{le="`));
  const bounds = buckets.map(([key]) =>
    Number(key.slice(name.length + '_bucket{le="'.length, -2).replace('+Inf', 'Infinity')),
  );
  const isAscending = (numbers: readonly number[]) =>
    numbers.every((number, n) => n === 0 || (numbers[n - 1] as number) <= number);
  if (!isAscending(bounds) || !isAscending(buckets.map(([, count]) => count)))
    throw new Error(`${name} does not ascend`);
  if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`${name} has no +Inf`);
  if (buckets.at(-1)?.[1] !== samples.get(`${name}_count{}`)) throw new Error(`${name}_count is not that of +Inf`);
  if (samples.get(`${name}_sum{}`) === undefined) throw new Error(`${name} has no sum`);
}
