import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtServer } from '../../testing/built-server.ts';

export const secret = 'a secret of at least thirty-two bytes';

export interface ServerOptions {
  /** The address of the database. Default: a file of SQLite of its own. */
  database?: string;
  /** A program, with its arguments, that runs the server. */
  under?: readonly string[];
}

/** A real server on a real port and database, which can be stopped in each way and started again. */
export class ServerProcess {
  readonly apiKey = 'key-of-the-back-end';
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'tidings-e2e-'));
  readonly #database: string;
  readonly #under: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, { database, under = [] }: ServerOptions) {
    this.port = port;
    this.#database = database ?? `sqlite:${join(this.#folder, 'tidings.db')}`;
    this.#under = under;
  }

  static async start(options: ServerOptions = {}): Promise<ServerProcess> {
    const server = new ServerProcess(await freePort(), options);
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
    const node = [process.execPath, (await builtServer()).serving];
    const [program, ...args] = [...this.#under, ...node, String(this.port), this.#database, secret, this.apiKey];
    const child = spawn(program as string, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => resolve());
      child.once('exit', (code) => reject(new Error(`the server ended with code ${code} before it was ready`)));
    });
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

  /** A token for a user, good for a day. */
  token(sub: string, roles: readonly string[]): string {
    return tokenOf(sub, roles);
  }
}

/** A token for a user, good for a day. */
export function tokenOf(sub: string, roles: readonly string[]): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub, roles, exp: Math.floor(Date.now() / 1000) + 86_400 })}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
