import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../../../packages/server/testing/free-port.ts';
import { buildFolder } from '../folders.ts';
import { startNodeServer } from '../peers/node-server.ts';
import { host } from '../peers/peer.ts';
import { startTidings } from '../peers/tidings/tidings.ts';
import type { ServerName } from './dialects.ts';

const run = promisify(execFile);

const npmPackages = ['@hocuspocus/server@4.7.0', 'yjs@13.6.33', 'y-protocols@1.0.7'];
const pythonPackages = ['pycrdt-websocket==0.16.5', 'pycrdt==0.14.13', 'uvicorn==0.54.0', 'websockets==17.4'];

/** A server of rooms that runs. */
export interface RoomServer {
  name: ServerName;
  port: number;
  pid: number;
  stop(): Promise<void>;
}

/** Starts ours, and each of the peers that can be installed here. */
export async function roomServers(): Promise<{
  starts: Partial<Record<ServerName, () => Promise<RoomServer>>>;
  absent: string[];
}> {
  const absent: string[] = [];
  const starts: Partial<Record<ServerName, () => Promise<RoomServer>>> = {
    tidings: async () => ({ ...(await startTidings()), name: 'tidings' }),
  };
  const folder = join(await buildFolder(), 'room-peers');
  await mkdir(folder, { recursive: true });
  try {
    await installHocuspocus(folder);
    starts.hocuspocus = () => startHocuspocus(folder);
  } catch (error) {
    absent.push(`hocuspocus: ${(error as Error).message.split('\n', 1)[0]}`);
  }
  try {
    await installPycrdt(folder);
    starts.pycrdt = () => startPycrdt(folder);
  } catch (error) {
    absent.push(`pycrdt: ${(error as Error).message.split('\n', 1)[0]}`);
  }
  return { starts, absent };
}

async function installHocuspocus(folder: string): Promise<void> {
  if (existsSync(join(folder, 'node_modules/@hocuspocus/server'))) return;
  await writeFile(join(folder, 'package.json'), '{"private": true}\n');
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...npmPackages], { cwd: folder });
}

async function installPycrdt(folder: string): Promise<void> {
  const marker = join(folder, 'python/installed');
  if (existsSync(marker)) return;
  await run('python3', ['-m', 'venv', join(folder, 'python')]);
  await run(join(folder, 'python/bin/pip'), ['install', '--quiet', ...pythonPackages]);
  await writeFile(marker, '');
}

async function startHocuspocus(folder: string): Promise<RoomServer> {
  const { port, pid, stop } = await startNodeServer(new URL('./hocuspocus-process.ts', import.meta.url), [folder]);
  return { name: 'hocuspocus', port, pid, stop };
}

async function startPycrdt(folder: string): Promise<RoomServer> {
  const port = await freePort();
  const program = fileURLToPath(new URL('./pycrdt_server.py', import.meta.url));
  const child = spawn(join(folder, 'python/bin/python'), [program, String(port)], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const exited = once(child, 'exit');
  const begun = performance.now();
  while (!(await isListening(port))) {
    if (child.exitCode !== null || performance.now() - begun > 30_000) {
      child.kill('SIGKILL');
      throw new Error('pycrdt-websocket does not start');
    }
    await pause(50);
  }
  return {
    ...{ name: 'pycrdt', port, pid: child.pid as number },
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
