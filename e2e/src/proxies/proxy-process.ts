import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../../packages/server/testing/free-port.ts';
import { environmentFor } from '../../../scripts/debian-packages.js';
import { requireProgram } from '../../../scripts/system-programs.js';
import type { ProxyKind, Variant } from './proxy.ts';

interface Around {
  /** The port of the server. */
  server: number;
  /** A file with the certificate and its key. */
  certificate: string;
}

/** Time for a proxy to end by itself, in milliseconds. */
const graceMs = 2_000;

/** A real proxy before the server, in a process of its own. */
export class ProxyProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#child = child;
    this.#folder = folder;
  }

  /** Resolves when it listens. */
  static async start(proxy: ProxyKind, variant: Variant, around: Around): Promise<ProxyProcess> {
    const configuration = proxy.configurations[variant];
    if (!configuration) throw new Error(`${proxy.name} has no configuration that is ${variant}`);
    const { text, port } = configuration;
    const program = proxy.program === 'node' ? process.execPath : requireProgram(proxy.program);
    const folder = mkdtempSync(join(proxy.home ?? tmpdir(), 'tidings-proxy-'));
    chmodSync(folder, 0o711); // nginx's workers have another user where this one is root
    const ports = { 80: await freePort(), 443: await freePort() };
    const { files, args } = proxy.run(placed(text, ports, around), { folder, program, port: ports[80] });
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    // A file, since some open /dev/stderr anew.
    const log = openSync(join(folder, 'log'), 'a');
    const env = { ...environmentFor(program), NEXT_TELEMETRY_DISABLED: '1' };
    const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', log, log] });
    closeSync(log);
    const started = await up(child, ports[port]);
    if (!started) throw new Error(`${proxy.name} did not start: ${readFileSync(join(folder, 'log'), 'utf8')}`);
    const url = port === 443 ? `https://localhost:${ports[port]}` : `http://127.0.0.1:${ports[port]}`;
    return new ProxyProcess(url, child, folder);
  }

  async end(): Promise<void> {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      // Those of several processes end the others; some of one process wait for their connections.
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await gone;
      clearTimeout(timer);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A configuration with the places of this machine for those of the documents. */
function placed(text: string, ports: Record<80 | 443, number>, { server, certificate }: Around): string {
  return text
    .replaceAll('/etc/ssl/notify.example.com.pem', certificate)
    .replace(/(127\.0\.0\.1:|"port" => |\.port = ")8000/g, `$1${server}`)
    .replace(/^notify\.example\.com \{/m, `https://localhost:443 {\n\tbind 127.0.0.1`)
    .replaceAll('notify.example.com', 'localhost')
    .replace(/^(\s*listen |Listen |\s*bind |\$SERVER\["socket"\] == "|:)[:*]?(80|443)\b/gm, (_, before, port: '80') =>
      before === ':' ? `http://127.0.0.1:${ports[port]}` : `${before}127.0.0.1:${ports[port]}`,
    )
    .replace(/(?<=\*:|localhost:|server\.port = )(80|443)\b/g, (port) => `${ports[Number(port) as 80]}`);
}

/** Resolves when it listens, or has ended. @returns true if it listens */
async function up(child: ChildProcess, port: number): Promise<boolean> {
  let hasEnded = false;
  for (const event of ['error', 'exit']) {
    child.once(event, () => {
      hasEnded = true;
    });
  }
  while (!hasEnded && !(await listens(port))) await pause(20);
  return !hasEnded;
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
