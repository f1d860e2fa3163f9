import { type ReadMetrics, readMetrics } from '../../packages/server/testing/metrics-reader.ts';
import type { ServerProcess } from './server-process.ts';

/** The metrics of a server, as they are now. */
export async function metricsOf({ url, apiKey }: ServerProcess): Promise<ReadMetrics> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${apiKey}` } });
  return readMetrics(await response.text());
}
