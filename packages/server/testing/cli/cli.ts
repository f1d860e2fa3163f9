import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { builtServer } from '../../../../testing/built-server.ts';

/** The command in the repository, which runs the sources. */
const ofSources = fileURLToPath(new URL('../../bin/tidings.js', import.meta.url));
/** The published one, which starts in a quarter of the CPU time. */
const { command } = await builtServer();

export interface Place {
  /** The working folder. */
  folder: string;
  /** Default false. True: the sources run, as they do in the repository. */
  isOfSources?: boolean;
  /** Variables besides those of this process, of which the server's own are left out. */
  environment?: Record<string, string>;
}

/** A command that runs. */
export class RunningCli {
  stdout = '';
  stderr = '';
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();

  constructor(args: readonly string[], { folder, isOfSources = false, environment }: Place) {
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('TIDINGS_'));
    const env = { ...Object.fromEntries(own), NO_COLOR: '1', ...environment };
    const program = isOfSources ? ofSources : command;
    this.#child = spawn(process.execPath, [program, ...args], { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdout?.on('data', (data) => this.#take(() => (this.stdout += data)));
    this.#child.stderr?.on('data', (data) => this.#take(() => (this.stderr += data)));
    this.ended = new Promise((resolve) => this.#child.once('close', (code) => resolve(code ?? -1)));
    void this.ended.then(() => this.#take(() => {}));
  }

  /** Resolves once the output, or the log, matches; rejects when the command ended without. */
  async says(pattern: RegExp): Promise<string> {
    let isOver = false;
    void this.ended.then(() => {
      isOver = true;
    });
    for (;;) {
      const found = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (found) return found[0];
      if (isOver) throw new Error(`ended without ${pattern}:\n${this.stdout}\n${this.stderr}`);
      await new Promise<void>((resolve) => {
        const look = (): void => {
          this.#watchers.delete(look);
          resolve();
        };
        this.#watchers.add(look);
      });
    }
  }

  type(text: string): void {
    this.#child.stdin?.end(text);
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    this.#child.kill(signal);
    return this.ended;
  }

  #take(take: () => void): void {
    take();
    for (const look of this.#watchers) look();
  }
}

/** Runs a command to its end. */
export async function runCli(
  args: readonly string[],
  place: Place,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const running = new RunningCli(args, place);
  const code = await running.ended;
  return { code, stdout: running.stdout, stderr: running.stderr };
}
