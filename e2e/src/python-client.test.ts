import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { createSender } from '@tidings/sender';
import { expect, onTestFinished, test } from 'vitest';
import { requireProgram } from '../../scripts/system-programs.js';
import { Choices, newSeed } from './faults/choices.ts';
import { FaultProxy } from './faults/fault-proxy.ts';
import type { Audience } from './faults/oracle.ts';
import { ServerProcess } from './server-process.ts';
import { until } from './until.ts';

const contract = new URL('../../packages/protocol/PROTOCOL.md', import.meta.url);
/** The client that the contract shows, as it stands there. */
const shown = /^```python\n(.*?)^```$/ms.exec(readFileSync(contract, 'utf8'))?.[1] ?? '';
/** Follows each URL, and prints a line for each frame that is applied: which URL it was, and the frame. */
const program = `${shown}
import sys
def shown_as(person):
    return lambda frame: print(person, json.dumps(frame), flush=True)
async def main():
    await asyncio.gather(*(follow(url, shown_as(person)) for person, url in enumerate(sys.argv[1:])))
asyncio.run(main())
`;

type Applied = { id: string; rev: number; type: string };

/** The client that the contract shows, at work for several people. */
class PythonClients {
  readonly applied: Applied[][];
  readonly problems: string[] = [];
  readonly end: () => Promise<void>;

  constructor(urls: readonly string[]) {
    this.applied = urls.map(() => []);
    const child = spawn(requireProgram('python3-websockets'), ['-c', program, ...urls]);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    createInterface(child.stdout).on('line', (line) => {
      const [, person, frame] = /^(\d+) (\{.*)$/.exec(line) ?? [];
      if (person && frame) this.applied[Number(person)]?.push(JSON.parse(frame));
    });
    createInterface(child.stderr).on('line', (line) => this.problems.push(line));
    this.end = async () => {
      child.kill('SIGKILL');
      await gone;
    };
  }
}

async function startServer() {
  const server = await ServerProcess.start();
  onTestFinished(() => server.end());
  const { url, apiKey } = server;
  const sender = createSender({ url, apiKey, timeoutMs: 60_000, logger: { warn() {} } as never });
  onTestFinished(() => sender.close());
  return { server, sender };
}

test.concurrent('the client that the contract shows, its server killed with -9 again and again: lost 0, applied twice 0, out of order 0', async () => {
  const { server, sender } = await startServer();
  const { url } = server;
  const people = ['p0', 'p1', 'p2'];
  const choices = new Choices(newSeed());
  const role = 'clerk';
  const urls = people.map((id) => `${url.replace('http', 'ws')}/ws/?token=${server.token(id, [role])}`);
  const clients = new PythonClients(urls);
  onTestFinished(clients.end);
  // A new member of a role gets nothing from before.
  const hasArrived = (person: number) => clients.applied[person]?.some(({ rev }) => rev) ?? false;
  for (let tries = 0; !people.every((_, n) => hasArrived(n)) && tries < 100; tries++) {
    await sender.notify({ to: { users: people }, type: 'probe' });
    await pause(100);
  }

  const owed = people.map(() => [] as string[]);
  const underWay = new Set<Promise<void>>();
  const send = (to: Audience): void => {
    const sent = sender.notify({ to, type: 'probe' }).then(({ id }) => {
      for (const [n, person] of people.entries()) if (!('user' in to) || to.user === person) owed[n]?.push(id);
    });
    underWay.add(sent);
    void sent.then(() => underWay.delete(sent));
  };
  let isOver = false;
  const publishing = (async () => {
    while (!isOver) {
      const dice = choices.below(5);
      if (underWay.size < 100)
        send(dice < 3 ? { user: people[dice] as string } : dice === 3 ? { role } : { everyone: true });
      await pause(5);
    }
  })();
  for (let kills = 0; kills < 3; kills++) {
    await pause(1_200 + choices.below(900));
    await server.kill();
    await pause(choices.below(300));
    await server.start();
  }
  isOver = true;
  await publishing;
  await Promise.all(underWay);

  const lost = () =>
    people.map((_, n) => {
      const ids = new Set(clients.applied[n]?.map(({ id }) => id));
      return (owed[n] ?? []).filter((id) => !ids.has(id)).length;
    });
  for (let tries = 0; lost().some((count) => count > 0) && tries < 150; tries++) await pause(100);
  await pause(500);
  expect(clients.problems).toEqual([]);
  expect(Math.min(...owed.map(({ length }) => length))).toBeGreaterThan(60);
  expect(lost()).toEqual(people.map(() => 0));
  for (const frames of clients.applied) {
    const records = frames.filter(({ rev }) => rev);
    expect(new Set(records.map(({ id }) => id)).size, 'applied twice').toBe(records.length);
    const revs = records.map(({ rev }) => rev);
    expect(revs, 'out of order').toEqual([...revs].sort((a, b) => a - b));
  }
}, 120_000);

test.concurrent('the client that the contract shows comes back from a proxy that keeps its connection to a dead server open, and ends when it is refused', async () => {
  const { server, sender } = await startServer();
  const proxy = await FaultProxy.before(server.port, { jitter: 0, slice: 1_000_000 });
  onTestFinished(() => proxy.stop());
  const clients = new PythonClients([`${proxy.url.replace('http', 'ws')}/ws/?token=${server.token('p', [])}`]);
  onTestFinished(clients.end);
  const greetings = () => clients.applied[0]?.filter(({ type }) => type === 'connection_established').length;
  await until('a connection', () => greetings() === 1);
  proxy.holdAll()();
  await server.kill();
  await server.start();
  await until('another one', () => greetings() === 2, 60_000);
  expect(clients.problems).toEqual([]);
  await sender.users.revoke({ user: 'p' });
  await until('its end', () => clients.problems.some((line) => line.endsWith('HTTP 401')));
}, 120_000);
