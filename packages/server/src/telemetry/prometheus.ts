import type { Histogram } from './histogram.ts';

/** The value of a metric: one number, one for each value of a label, or durations. */
export type MetricValue =
  | { type: 'counter' | 'gauge'; value: number }
  | { type: 'counter' | 'gauge'; label: string; values: Readonly<Record<string, number>> }
  | { type: 'histogram'; value: Histogram };

/** One metric: its name, and a sentence about it. */
export type Metric = { name: string; help: string } & MetricValue;

/** Metrics in the text format of Prometheus, version 0.0.4. */
export const prometheusText = (metrics: readonly Metric[]): string => metrics.map(textOf).join('');

function textOf(metric: Metric): string {
  const { name, help, type } = metric;
  const lines = [`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`];
  return [...lines, ...samplesOf(metric)].map((line) => `${line}\n`).join('');
}

function samplesOf(metric: Metric): string[] {
  const { name } = metric;
  if (metric.type === 'histogram') return bucketsOf(name, metric.value);
  if ('value' in metric) return [`${name} ${metric.value}`];
  return Object.entries(metric.values).map(([of, value]) => `${name}${labelled(metric.label, of)} ${value}`);
}

function bucketsOf(name: string, { bounds, counts, sum }: Histogram): string[] {
  let total = 0;
  const buckets = [...bounds, '+Inf'].map((bound, n) => {
    total += counts[n] as number;
    return `${name}_bucket${labelled('le', String(bound))} ${total}`;
  });
  return [...buckets, `${name}_sum ${sum}`, `${name}_count ${total}`];
}

const labelled = (label: string, value: string): string =>
  `{${label}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"}`;
