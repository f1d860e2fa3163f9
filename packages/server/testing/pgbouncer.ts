import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireProgram } from '../../../scripts/system-programs.js';
import { freePort } from './free-port.ts';
import { whoRunsPostgres } from './postgres-programs.ts';

export type PoolMode = 'session' | 'transaction' | 'statement';

/** A real PgBouncer in front of a server, which gives each transaction to another of its connections. */
export class PgBouncer {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #port: number;

  private constructor(process: ChildProcess, folder: string, port: number) {
    this.#process = process;
    this.#folder = folder;
    this.#port = port;
  }

  /** @param server the URL of the server, whose database is not looked at */
  static async start(server: string, mode: PoolMode): Promise<PgBouncer> {
    const { hostname, port: serverPort, username, password } = new URL(server);
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'tidings-pgbouncer-'));
    chmodSync(folder, 0o755);
    const settings = {
      ...{ listen_addr: '127.0.0.1', listen_port: port, unix_socket_dir: '', auth_type: 'any' },
      // Sessions hold a connection each.
      ...{ pool_mode: mode, default_pool_size: mode === 'session' ? 40 : 4, server_round_robin: 1 },
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
    const database = `* = host=${hostname} port=${serverPort} user=${username} password=${password}`;
    const file = join(folder, 'pgbouncer.ini');
    writeFileSync(file, ['[databases]', database, '[pgbouncer]', ...lines, ''].join('\n'));
    const child = spawn(requireProgram('pgbouncer'), [file], {
      ...{ ...whoRunsPostgres(), cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] },
    });
    await up(child);
    return new PgBouncer(child, folder, port);
  }

  /** The address of a database behind it. */
  url(database: string): string {
    const { pathname } = new URL(database);
    return `postgres://tidings@127.0.0.1:${this.#port}${pathname}`;
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function up(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`PgBouncer did not start: ${log}`)));
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      log = (log + part).slice(-10_000);
      if (log.includes('process up')) resolve();
    });
  });
}
