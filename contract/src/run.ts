import { execFile } from 'node:child_process';

/** A program to be run: its file, and what it is given. */
export interface Command {
  file: string;
  args: string[];
  /** The folder it runs in. */
  cwd: string;
  env?: Record<string, string>;
}

/** Runs a program to its end; resolves with what it printed. Throws with all that it said where it fails. */
export function run({ file, args, cwd, env = {} }: Command): Promise<string> {
  const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1_048_576 };
  return new Promise((resolve, reject) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-60).join('\n');
      reject(new Error(`${file} ${args.join(' ')} failed: ${error.message.split('\n')[0]}\n${said}`));
    });
  });
}
