import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { builtServer } from '../../../../testing/built-server.ts';

export interface ServeOptions {
  /** Its current folder. */
  folder: string;
  /** Variables of the command, without their `TIDINGS_`: it has no others of these. */
  settings: Readonly<Record<string, string>>;
  args?: readonly string[];
  /** A module to load before it. */
  preload?: string;
}

/** The published `tidings serve` as one process, so that a signal reaches the server itself. It can be started again. */
export class ServeProcess {
  /** All that it wrote. */
  output = '';
  /** The address of its last start. */
  url = '';
  readonly #options: ServeOptions;
  #child: ChildProcess | undefined;

  constructor(options: ServeOptions) {
    this.#options = options;
  }

  get pid(): number {
    return this.#child?.pid as number;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when it serves; throws with all that it wrote if it ends before. */
  async start(): Promise<void> {
    const { folder, settings, args = [], preload } = this.#options;
    const own = Object.entries(settings).map(([name, value]) => [`TIDINGS_${name}`, value]);
    const others = Object.entries(process.env).filter(([name]) => !name.startsWith('TIDINGS_'));
    const { command } = await builtServer();
    const loading = preload ? ['--import', preload] : [];
    const child = spawn(process.execPath, [...loading, command, 'serve', ...args], {
      ...{ cwd: folder, env: Object.fromEntries([...others, ...own]), stdio: ['ignore', 'pipe', 'pipe'] },
    });
    this.#child = child;
    const begin = this.output.length;
    await new Promise<void>((resolve, reject) => {
      const take = (data: Buffer): void => {
        this.output += data;
        const ready = /"url":"([^"]+)".*"msg":"ready"/.exec(this.output.slice(begin));
        if (!ready) return;
        this.url = ready[1] as string;
        resolve();
      };
      child.stdout?.on('data', take);
      child.stderr?.on('data', take);
      child.once('close', (code) => reject(new Error(`tidings serve ended with code ${code}:\n${this.output}`)));
    });
  }

  /** Ends it by this signal, if it runs. @returns its exit code; null for one that was killed */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (!child) return null;
    if (this.isRunning) {
      const closed = once(child, 'close');
      child.kill(signal);
      await closed;
    }
    return child.exitCode;
  }
}
