import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { RunningCli, runCli } from '../../testing/cli/cli.ts';
import { runHere } from '../../testing/cli/run-here.ts';
import { readDevFile } from '../config/dev.ts';

/** Takes the usual port, unless another program has it already. */
const blocker = createServer();
let folder: string;
let dev: RunningCli;
let url: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-dev-'));
  await new Promise<void>((resolve) => blocker.once('error', () => resolve()).listen(8000, '127.0.0.1', resolve));
  dev = new RunningCli(['dev'], { folder, isOfSources: true });
  url = (await dev.says(/Tidings is ready at \S+/)).split(' ').pop() as string;
  await dev.says(/Ctrl-C/);
});
afterAll(async () => {
  await dev.stop();
  blocker.close();
  rmSync(folder, { recursive: true, force: true });
});

const statusOf = (address: string, host: string) =>
  new Promise<number>((resolve, reject) => {
    get(address, { headers: { host } }, (response) => resolve(response.resume().statusCode ?? 0)).on('error', reject);
  });

it('takes the next free port, says so, and keeps its address for others to find', () => {
  expect(url).not.toBe('http://127.0.0.1:8000');
  expect(dev.stdout).toMatch(/Port 8000 is taken by another program/);
  expect(readDevFile(folder)?.url).toBe(url);
});

it('prints lines to paste, which work', async () => {
  for (const line of [
    `${url}/test?user=alice`,
    'npx tidings listen --user alice',
    'npx wscat -c "ws://',
    'wsSendMessage',
  ]) {
    expect(dev.stdout).toContain(line);
  }
  const [, key] = /Authorization: Bearer (\S+)"/.exec(dev.stdout) ?? [];
  const answer = await fetch(`${url}/api/v1/notifications`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{"to":{"user":"carol"},"message":"Hello"}',
  });
  expect(answer.status).toBe(201);
});

it('answers to loopback names only, over HTTP and sockets', async () => {
  const { port } = new URL(url);
  expect(await statusOf(`${url}/test`, `localhost:${port}`)).toBe(200);
  expect(await statusOf(`${url}/test`, `rebound.example:${port}`)).toBe(403);
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/`, { headers: { host: `rebound.example:${port}` } });
  const status = await new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode)).on('error', () => {});
  });
  expect(status).toBe(403);
});

it('carries what is sent to whoever listens', async () => {
  const listener = new RunningCli(['listen', '--user', 'alice', '--task', 'import-7'], { folder });
  await listener.says(/synced/);
  const place = { folder };
  const [sent, file, everyone, test] = await Promise.all([
    runCli(['send', 'alice', 'Hello \u001b[31mworld', '--data', '{"order":7}', '--json'], place),
    runCli(['file', 'alice', 'https://files.example/Q3%20report.pdf', '--size', '1500000'], place),
    runCli(['broadcast', 'Fire drill', '--everyone'], place),
    runCli(['test-connection', 'alice', '--json'], place),
  ]);
  expect(JSON.parse(sent.stdout)).toMatchObject({ ok: true, to: { username: 'alice' }, rev: expect.any(Number) });
  expect(file.stdout).toMatch(/^Accepted for alice: n\S+ \(rev \d+\)\n$/);
  expect(JSON.parse(test.stdout)).toMatchObject({ ok: true, connected: true, answered: true });
  expect([sent, file, everyone, test].map(({ code }) => code)).toEqual([0, 0, 0, 0]);

  const shell = new RunningCli(['shell'], { folder, isOfSources: true });
  shell.type("tasks.report('import-7', { progress: 45, step: 'Journal Import', step_number: 4, total_steps: 5 })\n");
  expect(await shell.ended).toBe(0);
  expect(shell.stdout).toContain("status: 'processing'");

  await listener.says(/task_update +import-7 +█+░+ +45 % +Journal Import +4\/5/);
  await listener.says(/user_message +Hello \[31mworld\n/);
  await listener.says(/user_file +Q3 report\.pdf +1\.5 MB/);
  await listener.says(/user_message +Fire drill/);
  expect(await listener.stop('SIGINT')).toBe(0);
});

it('leads from its address to the test page', async () => {
  const answer = await fetch(url, { redirect: 'manual' });
  expect([answer.status, new URL(String(answer.headers.get('location')), `${url}/`).href]).toEqual([
    302,
    `${url}/test`,
  ]);
});

it('is listened to from another folder by its address alone', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'tidings-elsewhere-'));
  const listener = new RunningCli(['listen', '--url', url, '--user', 'ines'], { folder: elsewhere });
  await listener.says(/synced/);
  await runHere(['send', 'ines', 'From the other folder'], { folder });
  await listener.says(/user_message +From the other folder/);
  await listener.stop('SIGINT');
  rmSync(elsewhere, { recursive: true });
});

it('names in its help where it keeps the records', async () => {
  const help = await runCli(['dev', '--help'], { folder });
  expect(help.stdout.replace(/\s+/g, ' ')).toContain('(default sqlite:./.tidings/dev.db)');
});

it('is told of as missing, and not as one that wants a secret, where nothing answers', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'tidings-elsewhere-'));
  const place = { folder: elsewhere };
  const listener = await runHere(['listen', '--url', 'http://127.0.0.1:1', '--user', 'ines'], place);
  expect(listener).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing answers at http://127.0.0.1:1') });
  rmSync(elsewhere, { recursive: true });
});

it('says when what was sent is for a name that was never seen here', async () => {
  const place = { folder };
  const [known, unknown] = [
    await runHere(['send', 'alice', 'Hello'], place),
    await runHere(['send', 'alicce', 'Hello'], place),
  ];
  expect(known).toMatchObject({ code: 0, stderr: '' });
  expect(unknown).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Accepted for alicce'),
    stderr: 'No user called alicce was ever seen here: it waits until somebody with that name comes.\n',
  });
});

it('shows the inbox of a user, by name or id, with what is unread, and marks nothing', async () => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/?user=jonas`);
  await new Promise((resolve) => socket.once('message', resolve));
  const place = { folder };
  await runHere(['send', 'jonas', 'First'], place);
  const sent = JSON.parse((await runHere(['notify', 'jonas', 'Second', '--category', 'jobs', '--json'], place)).stdout);
  socket.send(JSON.stringify({ action: 'mark_read', id: sent.id, ref: 1 }));
  await new Promise<void>((resolve) => socket.on('message', (data) => /"reply"/.test(String(data)) && resolve()));
  const shown = await runHere(['inbox', 'jonas'], place);
  // A notification to everyone is theirs too.
  expect(shown.stdout).toMatch(
    /^jonas: 2 unread\n +\S.*user_notification .*Second.*\n● .*user_message +First +n\S+\n● .*user_message +Fire drill/,
  );
  const unread = JSON.parse((await runHere(['inbox', 'jonas', '--unread', '--limit', '1', '--json'], place)).stdout);
  expect(unread).toMatchObject({ ok: true, user_id: 'jonas', unread_count: 2, items: [{ message: 'First' }] });
  expect((await runHere(['inbox', 'jonas', '--category', 'none'], place)).stdout).toBe(
    'jonas: 2 unread\nNothing here.\n',
  );
  const question = JSON.parse(
    (await runHere(['notify', 'jonas', 'Shall we?', '--action', 'yes:Yes', '--json'], place)).stdout,
  );
  socket.send(JSON.stringify({ action: 'answer', id: question.id, action_id: 'yes', ref: 'answered' }));
  await new Promise<void>((resolve) => socket.on('message', (data) => /"answered"/.test(String(data)) && resolve()));
  // An answered notification does not count as unread.
  expect((await runHere(['inbox', 'jonas'], place)).stdout).toMatch(/^jonas: 2 unread\n +\S.*Shall we\?/);
  const nobody = await runHere(['inbox', 'nobody'], place);
  expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining('no user "nobody" was ever seen here') });
  socket.close();
});

it('tells of a user who is not connected, by its exit code too', async () => {
  const { code, stdout } = await runHere(['test-connection', 'nobody'], { folder });
  expect(stdout).toBe('nobody is not connected; what is sent waits.\n');
  expect(code).toBe(1);
});

it.skipIf(process.platform === 'win32')('tells clients when to come back as it stops, and ends well', async () => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/?user=bob`);
  await new Promise((resolve) => socket.once('message', resolve));
  const closed = new Promise<[number, string]>((resolve) =>
    socket.once('close', (code, reason) => resolve([code, reason.toString()])),
  );
  expect(await dev.stop('SIGTERM')).toBe(0);
  const [code, reason] = await closed;
  expect(code).toBe(1012);
  expect(JSON.parse(reason)).toEqual({ retry_after_ms: expect.any(Number) });
});
