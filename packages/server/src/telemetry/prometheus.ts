import type { Histogram } from './histogram.ts';

/** The value of a metric: one number, one for each value of a label, or durations. */
type MetricValue =
  | { type: 'counter' | 'gauge'; value: number }
  | { type: 'counter' | 'gauge'; label: string; values: Readonly<Record<string, number>> }
  | { type: 'histogram'; value: Histogram };

/** One metric: its name, and a sentence about it. */
export type Metric = { name: string; help: string } & MetricValue;

/** One metric as lines of text: what it is, and its samples. */
export interface MetricLines {
  head: string;
  samples: string[];
}

type Labels = Readonly<Record<string, string>>;

/** @param labels of every sample */
export const metricLines = (metrics: readonly Metric[], labels: Labels = {}): MetricLines[] =>
  metrics.map((metric) => {
    const { name, help, type } = metric;
    const sentence = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return { head: `# HELP ${name} ${sentence}\n# TYPE ${name} ${type}`, samples: samplesOf(metric, labels) };
  });

/** Metrics in the text format of Prometheus, version 0.0.4: of one process, or of several, whose samples differ by a label. */
export function prometheusText(processes: readonly (readonly MetricLines[])[]): string {
  const samples = new Map<string, string[]>();
  for (const one of processes.flat()) samples.set(one.head, [...(samples.get(one.head) ?? []), ...one.samples]);
  return [...samples].map(([head, lines]) => `${[head, ...lines].join('\n')}\n`).join('');
}

function samplesOf(metric: Metric, labels: Labels): string[] {
  const { name } = metric;
  if (metric.type === 'histogram') return bucketsOf(name, metric.value, labels);
  if ('value' in metric) return [`${name}${textOf(labels)} ${metric.value}`];
  return Object.entries(metric.values).map(
    ([of, value]) => `${name}${textOf({ ...labels, [metric.label]: of })} ${value}`,
  );
}

function bucketsOf(name: string, { bounds, counts, sum }: Histogram, labels: Labels): string[] {
  let total = 0;
  const buckets = [...bounds, '+Inf'].map((bound, n) => {
    total += counts[n] as number;
    return `${name}_bucket${textOf({ ...labels, le: String(bound) })} ${total}`;
  });
  return [...buckets, `${name}_sum${textOf(labels)} ${sum}`, `${name}_count${textOf(labels)} ${total}`];
}

function textOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([label, value]) => `${label}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  );
  return pairs.length > 0 ? `{${pairs.join()}}` : '';
}
