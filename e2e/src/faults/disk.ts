import {
  appendFileSync,
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServerProcess } from '../server-process.ts';
import type { Choices } from './choices.ts';
import type { Fault } from './fault.ts';
import type { Stage } from './stage.ts';
import { Strace } from './strace.ts';
import { type Range, unsyncedRanges } from './unsynced.ts';

const fileOf = ({ servers }: Stage): string | null => servers[0]?.file ?? null;
const whyNotSqlite = (stage: Stage): string | null =>
  fileOf(stage) === null ? 'it is about the file of SQLite' : null;

async function needsStrace(stage: Stage): Promise<string | null> {
  if (fileOf(stage) === null) return whyNotSqlite(stage);
  const strace = await Strace.attach(process.pid, ['-e', 'trace=sync']);
  await strace?.detach();
  return strace ? null : 'strace cannot attach to a process here';
}

export const tornLog: Fault = {
  name: 'torn log',
  about: 'kill -9, and the write-ahead log ends in a part of a commit that nobody was answered',
  missing: async (stage) => whyNotSqlite(stage),
  restarts: true,
  async strike(stage) {
    const [server] = stage.servers as [ServerProcess];
    await server.kill();
    appendFileSync(`${fileOf(stage)}-wal`, Buffer.alloc(24 + stage.choices.below(4_000), stage.choices.below(256)));
    await stage.startAgain(server);
  },
};

/** A disk that is larger is not filled. */
const largestDisk = 2 * 1024 ** 3;

export const diskFull: Fault = {
  name: 'disk full',
  about: 'the disk of the database has no room left, and has again',
  async missing(stage) {
    const file = fileOf(stage);
    if (file === null) return whyNotSqlite(stage);
    const { blocks, bsize } = statfsSync(dirname(file));
    return blocks * bsize > largestDisk ? 'no small disk can be mounted here' : null;
  },
  async strike(stage) {
    const filler = join(dirname(fileOf(stage) as string), 'filler');
    for (const piece of [1_048_576, 4_096]) fill(filler, piece);
    await pause(stage.ms(1_500, 10_000));
    rmSync(filler);
  },
};

function fill(path: string, piece: number): void {
  const file = openSync(path, 'a');
  try {
    for (;;) if (writeSync(file, Buffer.alloc(piece)) < piece) return;
  } catch {
    // Now it is full.
  } finally {
    closeSync(file);
  }
}

/** Waits until a server says that it is ready, or that it is not. */
async function answersReady({ url }: ServerProcess, isReady: boolean): Promise<void> {
  for (const end = Date.now() + 40_000; Date.now() < end; await pause(50)) {
    const { ok } = await fetch(`${url}/readyz`);
    if (ok === isReady) return;
  }
  throw new Error(`${url}/readyz went on to say that the server is ${isReady ? 'not ready' : 'ready'}`);
}

export const diskFails: Fault = {
  name: 'disk fails',
  about: 'fsync of the database fails (EIO) for a while: nothing is accepted, and the server says that it is not ready',
  missing: needsStrace,
  async strike(stage) {
    const file = fileOf(stage) as string;
    const calls = 'fsync,fdatasync';
    const args = ['-P', file, '-P', `${file}-wal`, '-e', `trace=${calls}`, '-e', `inject=${calls}:error=EIO`];
    const server = stage.servers[0] as ServerProcess;
    const strace = await stage.waiting('strace to attach', Strace.attach(server.pid, args));
    try {
      await answersReady(server, false);
      // Answers to what was committed before are on their way.
      await pause(300);
      const { accepted } = stage.oracle;
      await pause(stage.ms(1_000, 10_000));
      const more = stage.oracle.accepted - accepted;
      if (more > 0) throw new Error(`${more} messages were accepted while the disk failed`);
    } finally {
      await stage.waiting('strace to detach', strace?.detach());
    }
    await answersReady(server, true);
  },
};

export const powerLoss: Fault = {
  name: 'power loss',
  about: 'a server ends, and any part of what was written and not synced is gone',
  missing: needsStrace,
  restarts: true,
  async strike(stage) {
    const [server] = stage.servers as [ServerProcess];
    const file = fileOf(stage) as string;
    const seen = `${file}-strace`;
    const args = ['-y', '-s', '4', '-P', file, '-P', `${file}-wal`, '-o', seen, '-e', 'trace=pwrite64,fsync,fdatasync'];
    const strace = await stage.waiting('strace to attach', Strace.attach(server.pid, args));
    // A first sync tells that all before it is on the disk.
    await pause(stage.ms(800, 3_000) + stage.choices.below(400));
    await server.kill();
    await stage.waiting('strace to end', strace?.ended());
    for (const [path, ranges] of unsyncedRanges(readFileSync(seen, 'utf8'))) lose(path, ranges, stage.choices);
    rmSync(seen);
    await stage.startAgain(server);
  },
};

/** Some of the ranges are not written, some in part; or the log ends before them: what is behind them there is of no use. */
function lose(path: string, ranges: readonly Range[], choices: Choices): void {
  const file = openSync(path, 'r+');
  if (path.endsWith('-wal') && choices.below(2) === 0) ftruncateSync(file, Math.min(...ranges.map(({ at }) => at)));
  for (const { at, length } of ranges) {
    const kept = choices.pick([0, choices.below(length), length]);
    if (at + kept < fstatSync(file).size) writeSync(file, Buffer.alloc(length - kept), 0, length - kept, at + kept);
  }
  closeSync(file);
}
