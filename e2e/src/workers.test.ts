import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { createSender } from '@tidings/sender';
import { expect, onTestFinished, test } from 'vitest';
import { ServeProcess } from '../../packages/server/testing/cli/serve-process.ts';
import { Editor } from '../../packages/server/testing/editors.ts';
import { freePort } from '../../packages/server/testing/free-port.ts';
import { PlainSocket } from '../../packages/server/testing/running-server.ts';
import { TempFolder } from '../../packages/server/testing/temp-store.ts';
import { inSeconds, secret, token } from '../../packages/server/testing/tokens.ts';
import { builtServer } from '../../testing/built-server.ts';
import { Choices, newSeed } from './faults/choices.ts';
import { anyAudience, Oracle } from './faults/oracle.ts';
import { apiKey, twoWorkers, workersOf } from './two-workers.ts';

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

test('two workers on SQLite, one of them and then the process that started them killed with -9 under load: lost 0, applied twice 0, out of order 0', async () => {
  const server = await twoWorkers(onTestFinished);
  const sender = createSender({ url: server.url, apiKey, timeoutMs: 60_000, logger: { warn() {} } as never });
  const oracle = new Oracle(sender);
  const choices = new Choices(newSeed());
  onTestFinished(() => oracle.end());
  await oracle.connect(20, {
    urls: [server.url],
    token: (sub, role) => token({ sub, roles: [role], exp: inSeconds(86_400) }),
  });
  const connected = async () => (await sender.getConnectedUsers()).length;
  // The workers tell each other who is connected, and each of them has some.
  expect(await connected()).toBe(20);

  let isOver = false;
  const publishing = (async () => {
    while (!isOver) {
      for (let n = 0; n < 4 && oracle.waiting < 200; n++) oracle.send(anyAudience(choices, 20));
      await pause(10);
    }
  })();
  await pause(300);
  const [first, second] = workersOf(server) as [number, number];
  process.kill(first, 'SIGKILL');
  await expect.poll(() => workersOf(server).filter((id) => id !== first).length).toBe(2);
  await expect.poll(connected).toBe(20);
  const before = workersOf(server);
  expect(before).toContain(second);
  await server.end('SIGKILL');
  await expect.poll(() => before.every(isGone)).toBe(true);
  await server.start();
  await pause(300);
  isOver = true;
  await publishing;

  const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${apiKey}` } });
  const sessions = [
    ...(await metrics.text()).matchAll(/tidings_sessions\{worker="(\d)",transport="websocket"\} (\d+)/g),
  ];
  expect(sessions.map(([, worker]) => worker).sort()).toEqual(['1', '2']);
  // The log names them by the same numbers, also the one that was begun in the place of another.
  const started = [...server.output.matchAll(/"worker":(\d+),"type":"started"/g)].map(([, worker]) => worker);
  expect(started.slice(0, 2).sort()).toEqual(['1', '2']);
  const ended = [...server.output.matchAll(/"worker":(\d+),"reason":"SIGKILL"/g)].map(([, worker]) => worker);
  expect(started[2]).toBe(ended[0]);
  expect(started.slice(3).sort()).toEqual(['1', '2']);

  const verdict = await oracle.judge(15_000);
  expect(verdict).toMatchObject({ lost: 0, appliedTwice: 0, outOfOrder: 0, notTheirs: 0 });
  expect(verdict.accepted).toBeGreaterThan(50);
  const workers = workersOf(server);
  expect(await server.end('SIGTERM')).toBe(0);
  expect(workers.every(isGone)).toBe(true);
});

test('who follows a room at one worker meets who follows it at the other', async () => {
  const server = await twoWorkers(onTestFinished);
  const path = `${server.url.replace('http', 'ws')}/ws/projects/12/`;
  const headersOf = (sub: string) => ({ authorization: `Bearer ${token({ sub, grants: ['project:12:rw'] })}` });
  const all = Array.from({ length: 12 }, (_, n) => new PlainSocket(path, [], headersOf(`u${n}`), null));
  onTestFinished(() => {
    for (const { ws } of all) ws.terminate();
  });
  for (const socket of all) await socket.settled();
  const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${apiKey}` } });
  const sessions = [...(await metrics.text()).matchAll(/tidings_sessions\{.*"websocket"\} (\d+)/g)];
  expect(sessions.map(([, count]) => Number(count) > 0)).toEqual([true, true]);
  for (const [n, socket] of all.entries()) {
    socket.say({ action: 'send', room: 'project:12', event: 'moved', data: { n }, ephemeral: true });
    socket.say({ action: 'send', room: 'project:12', event: 'said', data: { n } });
    socket.say({ action: 'set_state', room: 'project:12', key: `k${n}`, value: n });
  }
  const types = ['ephemeral_event', 'room_event', 'room_state'];
  for (const socket of all) {
    await Promise.all(types.map((type) => socket.got(type, all.length)));
    expect(types.map((type) => socket.of(type).length)).toEqual([12, 12, 12]);
  }
  expect(await server.end('SIGTERM')).toBe(0);
});

test('who edits a document at one worker sees who edits it at the other', async () => {
  const server = await twoWorkers(onTestFinished);
  const editors = Array.from({ length: 12 }, (_, n) => new Editor(server, 'notes', `u${n}`));
  onTestFinished(() => {
    for (const editor of editors) editor.destroy();
  });
  for (const editor of editors) await editor.synced();
  for (const [n, editor] of editors.entries()) {
    editor.type(`<${n}>`);
    editor.provider.awareness.setLocalState({ n });
  }
  const length = editors.map((_, n) => `<${n}>`).join('').length;
  await expect.poll(() => editors.every(({ text }) => text.length === length)).toBe(true);
  expect(new Set(editors.map(({ text }) => text)).size).toBe(1);
  await expect.poll(() => editors.every(({ others }) => others.size === 11)).toBe(true);
  const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${apiKey}` } });
  const connections = [...(await metrics.text()).matchAll(/tidings_document_connections\{.*\} (\d+)/g)];
  expect(connections.map(([, count]) => Number(count) > 0)).toEqual([true, true]);
});

test('workers whose database cannot be opened are refused in a sentence', async () => {
  const folder = new TempFolder();
  onTestFinished(() => folder.remove());
  const settings = { JWT_SECRET: secret, API_KEY: apiKey, PORT: '0', DATABASE: `sqlite:${folder.path}` };
  const server = new ServeProcess({ folder: folder.path, settings, args: ['--workers', '2'] });
  await expect(server.start()).rejects.toThrow('ended with code 1');
  expect(server.output).toMatch(
    `tidings: the database ${folder.path} cannot be opened: it is a folder; name a file in it\n`,
  );
});

/** A program that starts ours as workers of its own, as process managers do in their cluster mode. */
const otherPrimary = `
const cluster = require('node:cluster');
const [exec, ...args] = process.argv.slice(1);
cluster.setupPrimary({ exec, args, execArgv: [] });
cluster.fork().on('exit', (code) => process.exit(code));
process.on('SIGINT', () => Object.values(cluster.workers)[0].process.kill('SIGINT'));
`;

async function startedByAnother(args: readonly string[]) {
  const folder = new TempFolder();
  const port = await freePort();
  const { command } = await builtServer();
  const child = spawn(process.execPath, ['-e', otherPrimary, command, 'serve', ...args], {
    cwd: folder.path,
    env: { ...process.env, TIDINGS_JWT_SECRET: secret, TIDINGS_API_KEY: apiKey, TIDINGS_PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    folder.remove();
  });
  let said = '';
  child.stderr.on('data', (data) => {
    said += data;
  });
  return { child, ended, url: `http://127.0.0.1:${port}`, said: () => said };
}

test('a server that a process manager starts in a cluster of its own is one by itself', async () => {
  const { child, ended, url } = await startedByAnother([]);
  const isReady = () =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(isReady).toBe(true);
  const sender = createSender({ url, apiKey });
  expect(await sender.wsSendMessage('alice', 'Hi')).toBe(true);
  child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
});

test('workers in a cluster of another program are refused in a sentence', async () => {
  const { ended, said } = await startedByAnother(['--workers', '2']);
  expect(await ended).toEqual([2, null]);
  expect(said()).toMatch(/^tidings: --workers cannot start workers inside a cluster .* in its fork mode\n$/);
});
