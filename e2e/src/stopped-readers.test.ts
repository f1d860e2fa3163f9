import { get } from 'node:http';
import { createSender } from '@tidings/sender';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { metricsOf } from './metrics-of.ts';
import { ServerProcess } from './server-process.ts';
import { until } from './until.ts';

const records = 40;
const recordBytes = 250_000;
/** Clients that stop reading, each a user's of its own, by either transport. */
const stopped = 30;
/** The most by which the server may grow for 60 of them, each of which is sent 10 MB. Bytes. */
const most = 200e6;

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start();
});
afterAll(() => server.end());

const metrics = () => metricsOf(server);
const residentBytes = async () => (await metrics()).value('process_resident_memory_bytes');

/** A client that keeps of each record no more than its number. */
class Reader {
  readonly numbers: number[] = [];
  cursor = '';
  isSynced = false;
  isOpen = false;
  /** False for one that reads nothing from the start. */
  reads = true;
  isClosed = false;
  pause = () => {};
  resume = () => {};
  close = () => {};

  receive(text: string): void {
    const frame = JSON.parse(text) as { type: string; cursor?: string; data?: { n: number } };
    if (frame.cursor) this.cursor = frame.cursor;
    if (frame.type === 'synced') this.isSynced = true;
    if (frame.type === 'large') this.numbers.push(frame.data?.n as number);
  }
}

function openSocket(user: string, cursor: string): Reader {
  const reader = new Reader();
  const query = new URLSearchParams({ token: server.token(user, []), cursor });
  const ws = new WebSocket(`${server.url.replace('http', 'ws')}/ws/?${query}`);
  ws.on('message', (data) => reader.receive(String(data)));
  ws.on('open', () => {
    reader.isOpen = true;
    if (!reader.reads) ws.pause();
  });
  ws.on('close', () => {
    reader.isClosed = true;
  });
  ws.on('error', () => {});
  return Object.assign(reader, { pause: () => ws.pause(), resume: () => ws.resume(), close: () => ws.terminate() });
}

function openStream(user: string, cursor: string): Reader {
  const reader = new Reader();
  const headers = { authorization: `Bearer ${server.token(user, [])}`, 'last-event-id': cursor };
  const request = get(`${server.url}/api/v1/events`, { headers, agent: false }, (response) => {
    let parts: string[] = [];
    response.setEncoding('utf8').on('data', (part: string) => {
      const [first, ...rest] = part.split('\n');
      parts.push(first as string);
      for (const next of rest) {
        const line = parts.join('');
        if (line.startsWith('data: ')) reader.receive(line.slice('data: '.length));
        parts = [next];
      }
    });
    response.on('close', () => {
      reader.isClosed = true;
    });
    Object.assign(reader, { isOpen: true, pause: () => response.pause(), resume: () => response.resume() });
    if (!reader.reads) response.pause();
  });
  request.on('error', () => {});
  return Object.assign(reader, { close: () => request.destroy() });
}

/** Opens clients of as many users by both transports; a user has the same cursor by both. */
const openAll = (name: string, count: number, cursorOf: (n: number) => string) =>
  [openSocket, openStream].flatMap((open, kind) =>
    Array.from({ length: count }, (_, n) => open(`${name}-${kind}-${n}`, cursorOf(kind * count + n))),
  );

const all = Array.from({ length: records }, (_, n) => n);

test('60 clients that stop reading, or never begin, cost the server little memory and those that read nothing', async () => {
  const [readers, others] = [openAll('reads', 2, () => ''), openAll('stops', stopped, () => '')];
  await until('synced', () => [...readers, ...others].every(({ isSynced }) => isSynced));
  const cursors = others.map(({ cursor }) => cursor);
  for (const one of others) one.pause();
  const idle = await residentBytes();
  const sizes: number[] = [];
  const sender = createSender({ url: server.url, apiKey: server.apiKey });
  for (const n of all) {
    await sender.notify({ to: { everyone: true }, type: 'large', data: { n, text: 'x'.repeat(recordBytes) } });
    if (n % 4 === 0) sizes.push((await residentBytes()) - idle);
  }
  await until('all records', () => readers.every(({ numbers }) => numbers.length === records));
  expect((await metrics()).value('tidings_refused_total', 'limit="outboxBytes"')).toBe(2 * stopped);
  expect(readers.map(({ numbers, isClosed }) => [numbers, isClosed])).toEqual(readers.map(() => [all, false]));
  expect(Math.max(...sizes)).toBeLessThan(most);

  for (const one of others) one.close();
  const back = openAll('stops', stopped, (n) => cursors[n] as string);
  for (const one of back) one.reads = false;
  await until('open connections', () => back.every(({ isOpen }) => isOpen));
  await expect.poll(async () => (await metrics()).value('tidings_open_catch_ups')).toBe(2 * stopped);
  for (let n = 0; n < 10; n++) sizes.push((await residentBytes()) - idle);
  expect(Math.max(...sizes)).toBeLessThan(most);
  const [late] = back.slice(stopped) as [Reader];
  late.resume();
  await until('synced', () => late.isSynced);
  expect(late.numbers).toEqual(all);
  for (const one of [...readers, ...back]) one.close();
  await sender.close();
}, 60_000);
