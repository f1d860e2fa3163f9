import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTidings, type Tidings } from '@tidings/server';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { createTidingsClient } from '../create-client.ts';
import { type TaskLog, taskLog } from '../task-log.ts';
import { until } from '../testing/until.ts';
import { eventStreamTransport, longPollTransport, type Transport, webSocketTransport } from '../transport/index.ts';

let tidings: Tidings;
let url: string;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-task-log-'));
  const database = `sqlite:${prepared(join(folder, 'tidings.db'))}`;
  tidings = await createTidings({ dev: true, database });
  ({ url } = await tidings.listen({ port: 0 }));
});
afterAll(async () => {
  await tidings.close();
  rmSync(folder, { recursive: true });
});
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

let made = 0;
const textOf = (log: TaskLog) =>
  log
    .getSnapshot()
    .entries.map(({ text }) => text)
    .join('');

const transports: [string, () => Transport][] = [
  ['a WebSocket', () => webSocketTransport()],
  ['Server-Sent Events', () => eventStreamTransport()],
  ['long polling', () => longPollTransport()],
];

describe.each(transports)('the log of a task over %s', (_, transport) => {
  function aClient(user = `user${++made}`) {
    const client = createTidingsClient({ url, query: { user }, transport: transport(), reconnect: { minDelayMs: 20 } });
    ends.push(() => client.disconnect());
    return client;
  }

  async function aTask(owner?: string): Promise<string> {
    const id = `task${++made}`;
    await tidings.tasks.report(id, { status: 'processing', ...(owner === undefined ? {} : { owner }) });
    return id;
  }

  test('is there from the first entry, goes on live, and through reconnections', async () => {
    const id = await aTask();
    await tidings.tasks.log(id, 'begin', { level: 'warn' });
    const client = aClient();
    const log = taskLog(client, id);
    expect(log.getSnapshot()).toEqual({ entries: [], status: 'waiting', reason: null });
    const seen: string[] = [];
    log.onChange(() => void seen.push(textOf(log)));
    await client.connect();
    await until(() => textOf(log) === 'begin');
    await until(() => log.getSnapshot().status === 'ready');
    expect(log.getSnapshot().entries).toEqual([
      { seq: 1, kind: 'line', level: 'warn', attempt: 1, at: expect.any(String), text: 'begin' },
    ]);
    expect(log.getSnapshot()).toBe(log.getSnapshot());
    let whole = 'begin';
    for (let n = 0; n < 6; n++) {
      if (n === 2) client.disconnect();
      if (n === 4) await client.connect();
      for (const chunk of [`${n} `, '🦉 ']) {
        whole += chunk;
        await tidings.tasks.stream(id, chunk);
      }
      if (n < 2 || n >= 4) await until(() => textOf(log) === whole);
    }
    const { entries } = log.getSnapshot();
    expect(entries.map(({ first_seq, seq }) => [first_seq, seq])).toEqual([
      [undefined, 1],
      [2, entries.at(-1)?.seq],
    ]);
    expect(seen.at(-1)).toBe(whole);
    // A second one on the client has it at once; the first closed changes no more.
    const second = taskLog(client, id);
    expect(textOf(second)).toBe(whole);
    log.close();
    await tidings.tasks.log(id, 'more');
    await until(() => textOf(second) === `${whole}more`);
    expect(textOf(log)).toBe(whole);
  });

  test('of a task that is to come it begins with it; of one that is not theirs a user sees nothing, nor after the one before', async () => {
    const [ann, eve] = [`ann${++made}`, `eve${++made}`];
    const client = aClient(ann);
    await client.connect();
    const id = `task${++made}`;
    const early = taskLog(client, id);
    const strange = aClient(eve);
    const refused = taskLog(strange, id);
    await strange.connect();
    await until(() => early.getSnapshot().status === 'ready' && refused.getSnapshot().status === 'ready');
    await tidings.tasks.report(id, { status: 'processing', owner: ann });
    await tidings.tasks.log(id, 'for ann');
    await until(() => textOf(early) === 'for ann');
    expect(textOf(refused)).toBe('');
    await tidings.tasks.report(id, { followers: [eve] });
    await until(() => textOf(refused) === 'for ann');
  });
});
