import { PassThrough, Writable } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import { ChildProgram } from './child-program.ts';

/** An output that takes nothing until its reader goes on, as a pipe to `less`. */
class PausedOutput extends Writable {
  text = '';
  #next: (() => void) | null = null;
  #isPaused = true;

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _write(bytes: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += bytes;
    if (this.#isPaused) this.#next = done;
    else done();
  }

  goOn(): void {
    this.#isPaused = false;
    this.#next?.();
  }
}

const groups: number[] = [];
afterEach(() => {
  for (const pid of groups.splice(0)) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // All of it has ended.
    }
  }
});

/** Runs lines of JavaScript, until they have ended and their output waits for its reader. */
async function runToExit(script: string) {
  const stdout = new PausedOutput();
  const timers = new Set<() => void>();
  let pid = 0;
  const program = await ChildProgram.start({
    ...{ program: process.execPath, args: ['-e', `console.error(process.pid); ${script}`] },
    ...{ environment: process.env, stdout, stderr: new PassThrough().resume(), graceMs: 1, isPlain: false },
    clock: {
      after(_, call) {
        timers.add(call);
        return () => timers.delete(call);
      },
    },
    onLine(line, from) {
      if (from !== 'stderr' || pid !== 0) return;
      pid = Number(line);
      groups.push(pid);
    },
  });
  await expect.poll(() => pid, { timeout: 40_000 }).not.toBe(0);
  await expect.poll(() => isRunning(pid), { timeout: 40_000 }).toBe(false);
  await expect.poll(() => stdout.text, { timeout: 40_000 }).not.toBe('');
  // The time after the end of the program passes.
  const pass = () => {
    for (const call of [...timers]) if (timers.delete(call)) call();
  };
  return { program, stdout, timers, pass };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Lines that leave a process behind, which has the same outputs. */
const leaveBehind = (script: string) => `
  process.stdout.write('x');
  const { spawn } = require('node:child_process');
  spawn(process.execPath, ['-e', ${JSON.stringify(script)}], { stdio: 'inherit' }).unref();`;

it('waits for a reader that pauses, and loses nothing of the output', async () => {
  const { program, stdout, pass } = await runToExit(leaveBehind("process.stdout.write('x'.repeat(999_999))"));
  pass();
  stdout.goOn();
  expect(await program.ended).toEqual({ code: 0, signal: null });
  expect(stdout.text === 'x'.repeat(1_000_000)).toBe(true);
});

it('gives an output that another process holds open its time from when the reader goes on', async () => {
  const { program, stdout, timers, pass } = await runToExit(leaveBehind('setInterval(() => {}, 1e6)'));
  expect(timers.size).toBe(0);
  stdout.goOn();
  await expect.poll(() => timers.size, { timeout: 40_000 }).toBe(1);
  pass();
  expect(await program.ended).toEqual({ code: 0, signal: null });
});
