import { format } from 'node:util';
import { vi } from 'vitest';
import { runCommand } from '../../src/cli/run-command.ts';
import type { Place } from './cli.ts';

/**
 * Runs a command to its end in this process, which takes a tenth of starting one. One at a time: what it prints, its
 * variables, its folder and its exit code are those of the process. Not for servers, nor for commands that read signals.
 */
export async function runHere(
  args: readonly string[],
  { folder, environment = {} }: Place,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const capture =
    (stream: keyof typeof said) =>
    (...texts: unknown[]): void => {
      said[stream] += `${format(...texts)}\n`;
    };
  for (const name of Object.keys(process.env)) if (name.startsWith('TIDINGS_')) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries({ NO_COLOR: '1', ...environment })) vi.stubEnv(name, value);
  const replaced = [
    vi.spyOn(process, 'cwd').mockReturnValue(folder),
    vi.spyOn(console, 'log').mockImplementation(capture('stdout')),
    vi.spyOn(console, 'error').mockImplementation(capture('stderr')),
  ];
  const { exitCode } = process;
  process.exitCode = 0;
  try {
    await runCommand(args);
    return { code: Number(process.exitCode), ...said };
  } finally {
    process.exitCode = exitCode;
    for (const one of replaced) one.mockRestore();
    vi.unstubAllEnvs();
  }
}
