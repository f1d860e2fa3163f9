import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export type Frame = Record<string, unknown> & { type: string };

/** Somebody else's client at work, with the loop that docs/event-streams.md shows. */
export interface Follower {
  /** All that it applied, in that order. */
  readonly frames: readonly Frame[];
  /** All that it complained of. */
  readonly problems: readonly string[];
  end(): unknown;
}

/** A program that follows a stream: it is given the address of the server and a token, and prints each frame as a line of JSON. */
export interface Program {
  file: string;
  args: readonly string[];
  cwd: string;
}

export function followerProcess({ file, args, cwd }: Program, url: string, token: string): Follower {
  const frames: Frame[] = [];
  const problems: string[] = [];
  const child = spawn(file, [...args, url, token], { cwd });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.once('error', ({ message }) => problems.push(message));
  createInterface(child.stdout).on('line', (line) => frames.push(JSON.parse(line)));
  createInterface(child.stderr).on('line', (line) => problems.push(line));
  return {
    frames,
    problems,
    end() {
      child.kill('SIGKILL');
      return gone;
    },
  };
}
