// `npm run bench -- connections`: new connections, idle ones, those that come back, and the start of a server.

import { join } from 'node:path';
import { buildPackage } from '../../../scripts/build-package.js';
import { flagsOrExit } from '../flags.ts';
import { repositoryFolder } from '../folders.ts';
import { startCentrifugo } from '../peers/centrifugo/centrifugo.ts';
import type { RunningPeer } from '../peers/peer.ts';
import { startSocketIo } from '../peers/socket-io/socket-io.ts';
import { startCommand } from '../peers/tidings/command.ts';
import { startTidings } from '../peers/tidings/tidings.ts';
import { residentBytes, systemTellsCpu } from '../processes.ts';
import { conclude } from '../report/results.ts';
import { type Figures, type PlaySize, playNew, playReturns } from './play.ts';
import { spreads, table } from './report.ts';

const flags = flagsOrExit({
  name: 'connections',
  measures: 'New connections, idle ones, those that come back, and the start of a server.',
  flags: {
    clients: { type: 'string', default: '10000', value: 'N', help: 'clients at once' },
    behind: { type: 'string', default: '100', value: 'N', help: 'notifications that a client missed' },
    rounds: { type: 'string', default: '5', value: 'N', help: 'rounds, in which the servers take turns' },
    quick: { type: 'boolean', default: false, help: 'less of it: a look, not a measurement' },
    centrifugo: { type: 'string', value: 'PATH', help: "Centrifugo 6's executable, which then takes part" },
    json: { type: 'boolean', default: false, help: 'print JSON in place of the table' },
  },
});
const size: PlaySize = { clients: flags.quick ? 500 : Number(flags.clients), behind: Number(flags.behind) };
const rounds = flags.quick ? 1 : Number(flags.rounds);

const executable = flags.centrifugo;
const servers: Record<string, (options: { recovers: boolean }) => Promise<RunningPeer>> = {
  tidings: () => startTidings(),
  'socket.io': startSocketIo,
  ...(executable ? { centrifugo: (options) => startCentrifugo(executable, options) } : {}),
};

/** The build of the command, as it is published: without sources beside it. */
async function startOfBuild(): Promise<Figures> {
  const { readyMs, pid, stop } = await startCommand([join(repositoryFolder, 'packages/server/dist/main.js')]);
  const resident = residentBytes(pid) / 1e6;
  await stop();
  return { ready: readyMs, resident };
}

async function bench(): Promise<void> {
  if (!systemTellsCpu) throw new Error('memory and CPU of other processes are read from /proc, which is Linux');
  const { ok, output } = await buildPackage('server');
  if (!ok) throw new Error(`packages/server does not build: ${output}`);
  const found: Record<string, Figures[]> = Object.fromEntries(Object.keys(servers).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, start] of Object.entries(servers)) {
      const figures = await playNew(await start({ recovers: false }), size);
      Object.assign(figures, await playReturns(await start({ recovers: true }), size));
      if (name === 'tidings') Object.assign(figures, await startOfBuild());
      found[name]?.push(figures);
    }
  }
  const results = { ...size, rounds, servers: spreads(found) };
  await conclude('connections', results, flags.json ? null : `${table(results.servers)}\n`);
}

try {
  await bench();
} catch (error) {
  console.error(`The benchmark failed: ${(error as Error).message}`);
  process.exitCode = 1;
}
