import { readdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { Metric } from './prometheus.ts';

/** The process and its runtime, under the names that Prometheus and its client for Node give them. */
export function processMetrics(): Metric[] {
  const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const cpu = process.cpuUsage();
  const { utilization } = performance.eventLoopUtilization();
  const gauge = (name: string, help: string, value: number): Metric => ({ name, help, type: 'gauge', value });
  return [
    {
      ...{ name: 'process_cpu_seconds_total', help: 'User and system time, seconds.' },
      ...{ type: 'counter', value: (cpu.user + cpu.system) / 1e6 },
    },
    gauge('process_resident_memory_bytes', 'Resident memory, bytes.', rss),
    gauge('process_start_time_seconds', 'When the process began, seconds since 1970.', performance.timeOrigin / 1_000),
    ...openFiles().map((count) => gauge('process_open_fds', 'Open file descriptors.', count)),
    gauge('nodejs_heap_size_total_bytes', 'Size of the heap, bytes.', heapTotal),
    gauge('nodejs_heap_size_used_bytes', 'Used part of the heap, bytes.', heapUsed),
    gauge('nodejs_external_memory_bytes', 'Memory outside of the heap, bytes.', external),
    gauge(
      'nodejs_array_buffers_bytes',
      'Memory of buffers, a part of the memory outside of the heap, bytes.',
      arrayBuffers,
    ),
    gauge(
      'nodejs_eventloop_utilization',
      'Share of the time since the start that the event loop was busy.',
      utilization,
    ),
    {
      ...{ name: 'nodejs_version_info', help: 'The version of Node.', type: 'gauge' },
      ...{ label: 'version', values: { [process.version]: 1 } },
    },
  ];
}

/** The number of open file descriptors, on systems that list them. */
function openFiles(): number[] {
  try {
    return [readdirSync('/proc/self/fd').length];
  } catch {
    return [];
  }
}
