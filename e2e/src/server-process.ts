import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./serving-process.ts', import.meta.url));
export const secret = 'a secret of at least thirty-two bytes';

/** A real server on a real port and database, which can be killed and started again. */
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

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const child = spawn(
      process.execPath,
      ['--conditions=tidings-source', script, String(this.port), this.#database, secret, this.apiKey],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => resolve());
      child.once('exit', (code) => reject(new Error(`the server ended with code ${code} before it was ready`)));
    });
  }

  /** kill -9. */
  kill(): Promise<void> {
    return this.#signal('SIGKILL');
  }

  /** As a service manager stops it. */
  stop(): Promise<void> {
    return this.#signal('SIGTERM');
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
    this.#child = undefined;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A token for a user, good for an hour. */
  token(sub: string, roles: readonly string[]): string {
    return tokenOf(sub, roles);
  }
}

/** A token for a user, good for an hour. */
export function tokenOf(sub: string, roles: readonly string[]): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub, roles, exp: Math.floor(Date.now() / 1000) + 3_600 })}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
