import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { findPrograms, type RunAs, whoRunsPostgres } from './postgres-programs.ts';

/**
 * Runs the server until it ends, or until its standard input ends, as it does when the process that started it dies.
 * The server's data is then removed, unless it was asked to keep it.
 */
const keeper = `
place=$1; shift
exec 3<&0
"$@" 3<&- & server=$!
(
  read -r word <&3
  [ -n "$word" ] && echo > "$place/kept"
  [ "$word" = crash ] && kill -QUIT $server || kill -INT $server
) & reader=$!
wait $server; kill $reader 2> /dev/null
[ -e "$place/kept" ] && rm "$place/kept" || rm -rf "$place"
`;

interface Tls {
  certificate: string;
  key: string;
}

interface Options {
  tls?: Tls;
  /** Default true. False: commits do not wait for the disk, which only a crash of the machine or the server would show. */
  isDurable?: boolean;
}

/** A real PostgreSQL of its own, on a loopback port. */
export class PostgresServer {
  readonly port: number;
  readonly password: string;
  readonly #place: string;
  readonly #programs: string;
  readonly #as: RunAs;
  readonly #isDurable: boolean;
  #keeper: ChildProcess | undefined;

  private constructor(at: {
    port: number;
    password: string;
    place: string;
    programs: string;
    as: RunAs;
    isDurable: boolean;
  }) {
    this.port = at.port;
    this.password = at.password;
    this.#place = at.place;
    this.#programs = at.programs;
    this.#as = at.as;
    this.#isDurable = at.isDurable;
  }

  /** Makes a database cluster and starts a server on it. Throws with what is missing. */
  static async start({ tls, isDurable = true }: Options = {}): Promise<PostgresServer> {
    const as = whoRunsPostgres();
    const place = mkdtempSync(join(tmpdir(), 'tidings-postgres-'));
    chmodSync(place, 0o711);
    if (as.uid !== undefined) chownSync(place, as.uid, as.gid as number);
    const password = randomBytes(12).toString('hex');
    const programs = findPrograms(as, place);
    const server = new PostgresServer({ port: await freePort(), password, place, programs, as, isDurable });
    await server.#makeCluster();
    if (tls) server.#useTls(tls);
    await server.resume();
    return server;
  }

  url(database: string): string {
    return `postgres://tidings:${this.password}@127.0.0.1:${this.port}/${database}`;
  }

  /** Starts it again after it was stopped. */
  async resume(): Promise<void> {
    const options = {
      ...{ port: this.port, listen_addresses: '127.0.0.1', unix_socket_directories: '' },
      ...{ max_connections: 300, shared_buffers: '64MB', timezone: 'UTC' },
      ...(this.#isDurable ? {} : { fsync: 'off', full_page_writes: 'off' }),
    };
    const flags = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const command = [join(this.#programs, 'postgres'), '-D', this.#data, ...flags];
    this.#keeper = spawn('sh', ['-c', keeper, 'sh', this.#place, ...command], {
      ...{ ...this.#as, cwd: '/', env: { ...process.env, LC_ALL: 'C' } },
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true, // so that no signal to a whole group of processes ends it before it has cleaned up
    });
    await ready(this.#keeper);
  }

  /** Stops it: every connection is ended at once. What was committed stays. */
  async stop(): Promise<void> {
    await this.#end('keep\n');
  }

  /** Ends it as a crash does. */
  async crash(): Promise<void> {
    await this.#end('crash\n');
  }

  /** Suspends all its processes: it hangs, and no connection ends. */
  freeze(): void {
    this.#signalAll('SIGSTOP');
  }

  /** Resumes its processes. */
  thaw(): void {
    this.#signalAll('SIGCONT');
  }

  /** Stops it, and removes all it kept. */
  async remove(): Promise<void> {
    await this.#end('');
    rmSync(this.#place, { recursive: true, force: true });
  }

  /** Runs statements as its owner. */
  async query(database: string, text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.url(database) });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  get #data(): string {
    return join(this.#place, 'data');
  }

  async #makeCluster(): Promise<void> {
    const secret = join(this.#place, 'password');
    writeFileSync(secret, this.password);
    mkdirSync(this.#data, { mode: 0o700 });
    if (this.#as.uid !== undefined)
      for (const path of [secret, this.#data]) chownSync(path, this.#as.uid, this.#as.gid as number);
    const flags = ['--username=tidings', '--auth=scram-sha-256', `--pwfile=${secret}`, '--encoding=UTF8', '--locale=C'];
    const initdb = spawn(join(this.#programs, 'initdb'), ['-D', this.#data, ...flags, '--no-sync'], {
      ...{ ...this.#as, cwd: '/', env: { ...process.env, LC_ALL: 'C' } },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const said = text(initdb.stderr);
    const [status] = await once(initdb, 'exit');
    rmSync(secret);
    if (status !== 0) throw new Error(`initdb failed: ${await said}`);
  }

  #useTls({ certificate, key }: Tls): void {
    for (const [name, text] of [
      ['server.crt', certificate],
      ['server.key', key],
    ] as const) {
      const file = join(this.#data, name);
      writeFileSync(file, text, { mode: 0o600 });
      if (this.#as.uid !== undefined) chownSync(file, this.#as.uid, this.#as.gid as number);
    }
    appendFileSync(join(this.#data, 'postgresql.conf'), 'ssl = on\n');
  }

  #signalAll(signal: NodeJS.Signals): void {
    const first = readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n')[0] as string;
    process.kill(Number(first), signal);
    const { stdout } = spawnSync('pgrep', ['-P', first], { encoding: 'utf8' });
    for (const pid of stdout.split('\n').filter(Boolean)) process.kill(Number(pid), signal);
  }

  async #end(word: string): Promise<void> {
    const keeper = this.#keeper;
    if (!keeper) return;
    this.#keeper = undefined;
    const ended = new Promise((resolve) => keeper.once('exit', resolve));
    keeper.stdin?.end(word);
    await ended;
  }
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`PostgreSQL did not start: ${log}`)));
    server.stderr?.setEncoding('utf8').on('data', (part: string) => {
      log = (log + part).slice(-10_000);
      if (part.includes('ready to accept connections')) resolve();
    });
  });
}
