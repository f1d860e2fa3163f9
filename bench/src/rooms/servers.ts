import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildFolder } from '../folders.ts';
import { freePort } from '../peers/free-port.ts';
import { startNodeServer } from '../peers/node-server.ts';
import { host } from '../peers/peer.ts';
import { processCpuSeconds } from '../processes.ts';
import type { ServerName } from './y-wire.ts';

/** A server of shared documents, in a process of its own. */
export interface RoomServer {
  name: ServerName;
  port: number;
  pid: number;
  stop: () => Promise<void>;
}

const run = promisify(execFile);
const versions = { hocuspocus: '4.7.0', pycrdt: '0.16.5', uvicorn: '0.54.0', websockets: '17.4' };

/** Brings those that are compared with, once for a checkout. @throws Error where npm or pip cannot */
export async function bringPeers(): Promise<{ hocuspocus: string; python: string }> {
  const folder = join(await buildFolder(), 'rooms');
  const [hocuspocus, python] = [
    join(folder, `hocuspocus-${versions.hocuspocus}`),
    join(folder, `pycrdt-${versions.pycrdt}`),
  ];
  if (!existsSync(join(hocuspocus, 'node_modules/@hocuspocus/server'))) {
    await mkdir(hocuspocus, { recursive: true });
    await writeFile(join(hocuspocus, 'package.json'), '{"private":true}');
    await run('npm', ['install', '--no-audit', '--no-fund', `@hocuspocus/server@${versions.hocuspocus}`], {
      cwd: hocuspocus,
    });
  }
  const program = join(python, 'bin/python');
  if (!existsSync(join(python, 'ready'))) {
    await run('python3', ['-m', 'venv', python]);
    const packages = [
      `pycrdt-websocket==${versions.pycrdt}`,
      `uvicorn==${versions.uvicorn}`,
      `websockets==${versions.websockets}`,
    ];
    await run(program, ['-m', 'pip', 'install', '--quiet', ...packages]);
    await writeFile(join(python, 'ready'), '');
  }
  return { hocuspocus, python: program };
}

/** From its sources, on SQLite, in a folder of the repository: a temporary one may be in memory. */
export async function startTidings(): Promise<RoomServer> {
  const folder = await mkdtemp(join(await buildFolder(), 'tidings-'));
  const server = await startNodeServer(new URL('./tidings-process.ts', import.meta.url), [
    `sqlite:${join(folder, 'bench.db')}`,
  ]);
  return {
    ...{ name: 'tidings', port: server.port, pid: server.pid },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function startHocuspocus(folder: string): Promise<RoomServer> {
  const port = await freePort();
  const { pid, stop } = await startNodeServer(new URL('./hocuspocus-process.ts', import.meta.url), [
    folder,
    String(port),
  ]);
  return { name: 'hocuspocus', port, pid, stop };
}

export async function startPycrdt(python: string): Promise<RoomServer> {
  const port = await freePort();
  const script = fileURLToPath(new URL('./pycrdt_server.py', import.meta.url));
  const child = spawn(python, [script, String(port)], { stdio: ['ignore', 'inherit', 'inherit'] });
  await answers(child, port);
  return {
    ...{ name: 'pycrdt-websocket', port, pid: child.pid as number },
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function answers(child: ChildProcess, port: number): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (child.exitCode !== null) throw new Error(`pycrdt-websocket ended with code ${child.exitCode}`);
    const socket = connect({ host, port });
    const isThere = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      once(child, 'exit').then(() => false),
    ]);
    socket.destroy();
    if (isThere) return;
    await pause(100);
  }
  child.kill('SIGKILL');
  throw new Error('pycrdt-websocket did not listen within 10 s');
}

export const cpuSecondsOf = (server: RoomServer): number => processCpuSeconds(server.pid);
