import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const programs = ['store', 'task', 'cluster', 'jitter', 'page', 'redeploy', 'connections', 'backlog', 'marks', 'rooms'];

/** Runs a program of the benchmark, which ends before it begins to measure. */
async function run(program: string, args: string[]): Promise<{ code: number; said: string; printed: string }> {
  const main = fileURLToPath(new URL(`./${program}/main.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=tidings-source', main, ...args]);
  const [said, printed, [code]] = await Promise.all([text(child.stderr), text(child.stdout), once(child, 'exit')]);
  return { code, said, printed };
}

describe.each(programs)('npm run bench -- %s', (program) => {
  test.concurrent('says in a sentence that it does not know an option, and which it takes', async () => {
    const { code, said } = await run(program, ['--nonsense']);
    expect(said).toMatch(/^Unknown option '--nonsense'\. It takes --[\w-]+( VALUE)?(, --[\w-]+( VALUE)?)*\.\n$/);
    expect(code).toBe(2);
  });

  test.concurrent('tells with --help what it measures, and each option with its value and what it is for', async () => {
    const { code, printed } = await run(program, ['--help']);
    const [usage, measures, ...options] = printed.trimEnd().split('\n');
    expect(usage).toBe(`npm run bench -- ${program} [options]`);
    expect(measures).toMatch(/^[A-Z].*\.$/);
    expect(options.length).toBeGreaterThan(2);
    for (const option of options) expect(option).toMatch(/^ {2}--[\w-]+( [A-Z,]+)? +[\w’', .:-]+/);
    expect(code).toBe(0);
  });
});

test.each(['', 'many', '0', '-3'])('says what a number is to be where it is "%s"', async (number) => {
  const { code, said } = await run('jitter', [`--clients=${number}`]);
  expect(said).toContain(`--clients takes a number above 0; got "${number}". It takes --clients VALUE`);
  expect(code).toBe(2);
});
