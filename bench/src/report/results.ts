import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, platform, release } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { resultsFolder } from '../folders.ts';
import type { BenchOptions } from '../options.ts';
import type { Summary } from './summary.ts';

interface Results {
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
  return { commit: await commit(), machine, options, scenarios };
}

/**
 * Keeps the results of a program beside earlier ones, and prints where.
 *
 * @param shown the results for people, printed first; null prints them as JSON instead
 */
export async function conclude(program: string, results: object, shown: string | null = ''): Promise<void> {
  const at = new Date().toISOString();
  const json = JSON.stringify({ at, ...results }, null, 2);
  const path = join(await resultsFolder(), `${program}-${at.replaceAll(':', '-')}.json`);
  await writeFile(path, `${json}\n`);
  console.log(shown === null ? json : `${shown}\nKept in ${relative(process.cwd(), path)}`);
}

async function commit(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname });
    return stdout.trim();
  } catch {
    return null;
  }
}
