// `npm run bench -- rooms`: cursors in a large room, editors of one document, and many small rooms, beside other servers.
import { flagsOrExit } from '../flags.ts';
import { Helper, systemTellsCpu } from '../processes.ts';
import { conclude } from '../report/results.ts';
import { tokensFor } from '../tokens.ts';
import type { ServerName } from './dialects.ts';
import { roomsOfOne } from './many.ts';
import type { Figures, PlayAnswer, PlayOrder } from './order.ts';
import { spreads, table } from './report.ts';
import { type RoomServer, roomServers } from './servers.ts';

const flags = flagsOrExit({
  name: 'rooms',
  measures: 'Cursors in a large room, editors of one document, and many small rooms, beside Hocuspocus and pycrdt.',
  flags: {
    only: { type: 'string', default: 'cursors,typing,many', value: 'PLAYS', help: 'the plays, by commas' },
    members: { type: 'string', default: '500', value: 'N', help: 'members who move cursors' },
    editors: { type: 'string', default: '100', value: 'N', help: 'editors who type' },
    rooms: { type: 'string', default: '10000', value: 'N', help: 'rooms of three members' },
    seconds: { type: 'string', default: '8', value: 'N', help: 'time of cursors and of typing, s' },
    rounds: { type: 'string', default: '3', value: 'N', help: 'rounds, in which the servers take turns' },
    quick: { type: 'boolean', default: false, help: 'less of it: a look, not a measurement' },
    json: { type: 'boolean', default: false, help: 'print JSON in place of the tables' },
  },
});
const size = {
  members: flags.quick ? 50 : Number(flags.members),
  editors: flags.quick ? 20 : Number(flags.editors),
  rooms: flags.quick ? 200 : Number(flags.rooms),
  seconds: flags.quick ? 2 : Number(flags.seconds),
  movesPerSecond: 10,
  keysPerSecond: 4,
};
const rounds = flags.quick ? 1 : Number(flags.rounds);

type Play = 'cursors' | 'typing' | 'many';
const clientsOf: Record<Play, number> = {
  cursors: size.members,
  typing: size.editors,
  many: Math.ceil(size.rooms / roomsOfOne) * 3,
};
const isPlay = (name: string): name is Play => name in clientsOf;

/** One play on a server that is new. */
async function playOn(start: () => Promise<RoomServer>, play: Play): Promise<Figures> {
  const server = await start();
  const clients = new Helper(new URL('./clients-process.ts', import.meta.url));
  const claims = (sub: string) => ({ sub, grants: ['collaboration:*:rw', 'board:*:rw'] });
  const tokens = await tokensFor({ claims }, clientsOf[play]);
  const ask = async (order: Pick<PlayOrder, 'play' | 'perSecond'>): Promise<Figures> => {
    const { name, port, pid } = server;
    const { seconds, rooms } = size;
    const answer = await clients.ask<PlayAnswer>({ server: name, port, pid, tokens, seconds, rooms, ...order });
    if ('failed' in answer) throw new Error(answer.failed);
    return answer.figures;
  };
  try {
    if (play !== 'typing') return await ask({ play, perSecond: size.movesPerSecond });
    const figures = await ask({ play, perSecond: size.keysPerSecond });
    if (server.name !== 'tidings') return figures;
    const { p99 } = await ask({ play: 'messages', perSecond: size.keysPerSecond });
    return { ...figures, messageP99: p99 as number, ratio: (figures.p99 as number) / (p99 as number) };
  } finally {
    await clients.stop();
    await server.stop();
  }
}

async function bench(): Promise<void> {
  if (!systemTellsCpu) throw new Error('memory and CPU of other processes are read from /proc, which is Linux');
  const plays = flags.only.split(',').map((name) => {
    if (isPlay(name)) return name;
    throw new Error(`--only takes cursors, typing and many, by commas; got "${name}"`);
  });
  const { starts, absent } = await roomServers();
  const failed: string[] = [];
  const results: Partial<Record<Play, ReturnType<typeof spreads>>> = {};
  for (const play of plays) {
    const found: Partial<Record<ServerName, Figures[]>> = {};
    for (let round = 0; round < rounds; round++) {
      for (const [name, start] of Object.entries(starts) as [ServerName, () => Promise<RoomServer>][]) {
        if (play === 'many' && name === 'pycrdt') continue;
        try {
          const figures = await playOn(start, play);
          found[name] = [...(found[name] ?? []), figures];
        } catch (error) {
          if (name === 'tidings') throw error;
          failed.push(`${play}, round ${round + 1}, ${name}: ${(error as Error).message.split('\n', 1)[0]}`);
        }
      }
    }
    const servers = spreads(found as Record<string, Figures[]>);
    results[play] = servers;
    if (!flags.json) console.log(`${table(play, servers)}\n`);
  }
  const said = [...absent.map((one) => `Not there: ${one}`), ...failed.map((one) => `Failed: ${one}`)].join('\n');
  await conclude('rooms', { ...size, rounds, absent, failed, plays: results }, flags.json ? null : said);
}

try {
  await bench();
} catch (error) {
  console.error(`The benchmark failed: ${(error as Error).message}`);
  process.exitCode = 1;
}
