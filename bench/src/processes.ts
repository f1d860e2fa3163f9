import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

/** A Node process of ours that answers each message with one. */
export class Helper {
  readonly child: ChildProcess;

  constructor(module: URL, args: readonly string[] = []) {
    this.child = fork(module, [...args], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  async ask<Answer>(message: object): Promise<Answer> {
    const answer = this.next<Answer>();
    this.child.send(message);
    return answer;
  }

  /** The next message it sends. Throws if it ends instead. */
  async next<Answer>(): Promise<Answer> {
    const ended = new AbortController();
    const exit = once(this.child, 'exit', { signal: ended.signal }).then(([code]) => {
      throw new Error(`a process of the benchmark ended with code ${code}: ${this.child.spawnfile}`);
    });
    try {
      const [answer] = (await Promise.race([once(this.child, 'message', { signal: ended.signal }), exit])) as [Answer];
      return answer;
    } finally {
      exit.catch(() => {});
      ended.abort();
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }
}

/** True if the system tells the CPU time of any process. Elsewhere only our own Node processes can be measured. */
export const systemTellsCpu = process.platform === 'linux';

/** Ticks of /proc a second: the same on every Linux that Node runs on. */
const ticks = 100;

/** User and system time of a process and all its threads, seconds, from proc_pid_stat(5). */
export function processCpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the name, in brackets, and may hold anything; utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

/** Resident memory of a process, bytes, from proc_pid_status(5). */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
}

/** A process and those that it started, and so on. */
export function processTree(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(processTree)];
}
