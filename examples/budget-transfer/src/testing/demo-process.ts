import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../../packages/server/testing/free-port.ts';
import { prepared } from '../../../../testing/prepared.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** The demo as `npm start` runs it, in a process of its own, which can be killed and started again at the same address. */
export class DemoProcess {
  readonly url: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'budget-transfer-'));
  readonly #port: number;
  #child: ChildProcess | null = null;

  private constructor(port: number) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<DemoProcess> {
    const demo = new DemoProcess(await freePort());
    prepared(join(demo.#folder, '.tidings', 'dev.db'));
    await demo.start();
    return demo;
  }

  async start(): Promise<void> {
    const args = ['--conditions=tidings-source', main, '--no-open', '--port', String(this.#port)];
    const child = spawn(process.execPath, args, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    const started = once(child.stdout, 'data');
    await Promise.race([started, once(child, 'exit').then(() => Promise.reject(new Error('the demo did not start')))]);
    child.stdout.resume();
  }

  /** Ends it as `kill -9` does. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#child = null;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }
}
