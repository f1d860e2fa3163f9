import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** Watches the system calls of a process, or makes some of them fail, by `strace`. */
export class Strace {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #said = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on('data', (text) => {
      this.#said += text;
    });
    this.#ended = new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
  }

  /** Attaches to a process and all its threads. Null where that may not be done, or there is no strace. */
  static async attach(pid: number, args: readonly string[]): Promise<Strace | null> {
    const child = spawn('strace', ['-f', '-p', String(pid), ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    const strace = new Strace(child);
    const attached = (async () => {
      while (!strace.#said.includes('attached')) await pause(20);
      return true;
    })();
    return (await Promise.race([attached, strace.#ended.then(() => false)])) ? strace : null;
  }

  /** Lets the process go on as before. */
  async detach(): Promise<void> {
    this.#child.kill('SIGINT');
    await this.#ended;
  }

  /** Resolves when the process has ended. */
  ended(): Promise<void> {
    return this.#ended;
  }
}
