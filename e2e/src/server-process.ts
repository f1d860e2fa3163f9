import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../packages/server/testing/free-port.ts';
import { inSeconds, secret, token } from '../../packages/server/testing/tokens.ts';
import { builtServer } from '../../testing/built-server.ts';

/** A real server on a real port and database, which can be stopped in each way and started again. */
export class ServerProcess {
  readonly apiKey = 'key-of-the-back-end';
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'tidings-e2e-'));
  readonly #database: string;
  #child: ChildProcess | undefined;

  private constructor(port: number, database: string | undefined) {
    this.port = port;
    this.#database = database ?? `sqlite:${join(this.#folder, 'tidings.db')}`;
  }

  /** @param database its address. Default: a file of SQLite of its own */
  static async start(database?: string): Promise<ServerProcess> {
    const server = new ServerProcess(await freePort(), database);
    await server.start();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The file of SQLite; null on PostgreSQL. */
  get file(): string | null {
    return this.#database.startsWith('sqlite:') ? this.#database.slice('sqlite:'.length) : null;
  }

  get pid(): number {
    return this.#child?.pid as number;
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const args = [(await builtServer()).serving, String(this.port), this.#database, secret, this.apiKey];
    const child = spawn(process.execPath, ['--expose-gc', ...args], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => resolve());
      child.once('exit', (code) => reject(new Error(`the server ended with code ${code} before it was ready`)));
    });
  }

  /** The bytes that its objects and buffers take once its garbage is collected. */
  async keptBytes(): Promise<number> {
    const child = this.#child as ChildProcess;
    const answer = once(child, 'message');
    child.send('kept');
    return (await answer)[0];
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** kill -9. */
  kill(): Promise<void> {
    return this.stop('SIGKILL');
  }

  /** Resolves when it has ended by this signal: by default in good order. */
  async stop(name: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#child = undefined;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(name);
    await gone;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A token for a user, good for a day. @param grants rights in rooms. Default: none */
  token(sub: string, roles: readonly string[], grants: readonly string[] = []): string {
    return token({ sub, roles, grants, exp: inSeconds(86_400) });
  }
}
