import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, platform, release } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { resultsFolder } from '../folders.ts';
import type { BenchOptions } from '../options.ts';
import type { Summary } from './summary.ts';

export interface Results {
  at: string;
  commit: string | null;
  machine: { processor: string; cores: number; system: string; node: string };
  options: BenchOptions;
  scenarios: Summary[];
}

export async function resultsOf(options: BenchOptions, scenarios: Summary[]): Promise<Results> {
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    system: `${platform()} ${release()}`,
    node: process.version,
  };
  return { at: new Date().toISOString(), commit: await commit(), machine, options, scenarios };
}

/** Keeps the results beside the earlier ones, and says where. */
export async function keep(results: Results): Promise<string> {
  const path = join(await resultsFolder(), `${results.at.replaceAll(':', '-')}.json`);
  await writeFile(path, `${JSON.stringify(results, null, 2)}\n`);
  return path;
}

async function commit(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname });
    return stdout.trim();
  } catch {
    return null;
  }
}
