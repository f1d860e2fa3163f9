import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSender, type Sender } from '@tidings/sender';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RunningCli } from '../../testing/cli/cli.ts';
import { runHere } from '../../testing/cli/run-here.ts';
import { apiKey, RunningServer } from '../../testing/running-server.ts';

let folder: string;
let server: RunningServer;
let tasks: Sender['tasks'];
let environment: Record<string, string>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-task-'));
  server = await RunningServer.start();
  tasks = server.tidings.tasks;
  environment = { TIDINGS_URL: server.url, TIDINGS_API_KEY: apiKey };
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

vi.setConfig({ testTimeout: 60_000 });

const run = (...args: string[]) => runHere(['task', ...args], { folder, environment });
const told = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout);

describe('task list', () => {
  it('shows tasks by owner, status and name, in pages', async () => {
    await server.join('42', { username: 'lena' });
    await tasks.report('june', { name: 'import', owner: 42, progress: 45, message: 'Reading\n\u001b[2Jlines' });
    await tasks.report('july', { name: 'import', owner: 42, status: 'failed', error: 'out of paper' });
    await tasks.report('other', { name: 'export', owner: 7, progress: 1 });
    const mine = await run('list', '--owner', 'lena', '--name', 'import');
    expect(mine.stdout).toMatch(
      /^july +failed +0 % {2}import {2}42 {2}\S.* {2}out of paper\njune +processing +45 % {2}import {2}42 {2}\S.* {2}Reading \[2Jlines\n$/,
    );
    expect((await told('list', '--status', 'failed', '--owner', '42')).items).toMatchObject([{ task_id: 'july' }]);
    const first = await run('list', '--limit', '1');
    const [, before = ''] = /There is more: add --before (\d+)/.exec(first.stdout) ?? [];
    expect((await run('list', '--limit', '1', '--before', before)).stdout).toMatch(/^july /);
    expect((await run('list', '--owner', 'nobody')).stdout).toBe('No tasks here.\n');
  });

  it('fills the page of a name that few of many tasks have', async () => {
    await tasks.report('rare', { name: 'rare', progress: 1 });
    await Promise.all(
      Array.from({ length: 1_100 }, (_, n) => tasks.report(`many-${n}`, { name: 'many', progress: 1 })),
    );
    expect((await tasks.list({ name: 'rare', limit: 100 })).items).toEqual([]);
    expect(await told('list', '--name', 'rare')).toMatchObject({ items: [{ task_id: 'rare' }], next_before: null });
  });

  it('says what is wrong with what it was asked', async () => {
    for (const [args, reason] of [
      [['--limit', '0'], /--limit must be 1 to 100/],
      [['--before', 'x'], /--before must be a number that a page named/],
      [['--status', 'running'], /queued, processing, waiting, completed, failed, cancelled/],
    ] as const) {
      expect(await run('list', ...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(reason) });
    }
  });
});

describe('task log', () => {
  it('shows what was logged and streamed, as text without control characters or as JSON, to the end', async () => {
    await tasks.report('l1', { name: 'import', progress: 1 });
    tasks.log('l1', 'Reading \u001b[2Jjune.csv', { level: 'warn' });
    tasks.stream('l1', '1 of 2\n2 o');
    await tasks.stream('l1', 'f 2');
    await tasks.log('l1', 'Done');
    const shown = 'Reading [2Jjune.csv\n1 of 2\n2 of 2\nDone\n';
    expect(await run('log', 'l1')).toMatchObject({ code: 0, stdout: shown });
    const following = run('log', 'l1', '--follow');
    await tasks.stream('l1', 'the last of it');
    await tasks.report('l1', { status: 'completed' });
    expect((await following).stdout).toBe(`${shown}the last of it\n`);
    const { stdout } = await run('log', 'l1', '--json');
    const entries = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries[0]).toMatchObject({ seq: 1, kind: 'line', level: 'warn', text: 'Reading \u001b[2Jjune.csv' });
    expect(await run('log', 'unheard')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no task "unheard"'),
    });
  });
});

describe('task show', () => {
  it('shows one, line by line or as JSON', async () => {
    await tasks.report('s1', {
      name: 'import',
      owner: 42,
      followers: [7],
      progress: 40,
      step: 'Reading',
      step_number: 2,
    });
    await tasks.report('s1', { status: 'completed', result: { rows: 3 } });
    const { stdout } = await run('show', 's1');
    expect(stdout).toMatch(/^s1 is completed \(rev \d+\)\n {2}Name +import\n {2}Owner +42\n {2}Followers +7\n/);
    expect(stdout).toMatch(/ {2}Step +2 Reading\n {2}Result +\{"rows":3\}\n {2}Attempt +1\n {2}Created +\d{4}-/);
    expect(await told('show', 's1')).toMatchObject({ ok: true, task_id: 's1', result: { rows: 3 } });
    expect(await run('show', 'unheard')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no task "unheard"'),
    });
  });
});

describe('task cancel and task retry', () => {
  it('ask a task to stop, and say where that is too late', async () => {
    await tasks.report('c1', { progress: 5 });
    await tasks.start({ task_id: 'c2' });
    await tasks.report('c3', { status: 'completed' });
    const { code, stdout, stderr } = await run('cancel', 'c1', 'c2', 'c3');
    expect(stdout).toMatch(/^Asked to stop c1 \(rev \d+\)\nCancelled c2 \(rev \d+\)\n$/);
    expect([code, stderr]).toEqual([1, 'Failed: too late: task c3 is completed already\n']);
    expect(await tasks.get('c1')).toMatchObject({ status: 'processing', cancel_requested: true });
    expect(await told('cancel', 'c2')).toMatchObject({ ok: true, id: 'c2', status: 'cancelled' });
  });

  it("begin the server's own again, and nothing else", async () => {
    let attempts = 0;
    server.tidings.tasks.define('flaky', async () => {
      if (++attempts === 1) throw new Error('out of paper');
      return { pages: 3 };
    });
    const { task_id } = await server.tidings.tasks.start('flaky', {});
    await tasks.watch(task_id, () => {});
    expect((await run('retry', task_id)).stdout).toMatch(
      new RegExp(`^Begun again, attempt 2: ${task_id} \\(rev \\d+\\)\n$`),
    );
    expect(await tasks.watch(task_id, () => {})).toMatchObject({ status: 'completed', result: { pages: 3 } });
    await tasks.report('r1', { status: 'failed', error: 'no' });
    expect(await run('retry', 'r1')).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining('something else than this server runs it') },
    });
  });
});

describe('task watch', () => {
  it('shows each change as a line, and the end by its exit code', async () => {
    await tasks.report('w1', { progress: 10, step: 'Reading', step_number: 1, total_steps: 2 });
    const watch = new RunningCli(['task', 'watch', 'w1'], { folder, environment });
    await watch.says(/█+░+ +10 % {2}processing {2}1\/2 {2}Reading\n/);
    await tasks.cancel('w1');
    await watch.says(/10 % {2}cancelling/);
    await tasks.report('w1', { status: 'completed', result: { rows: 3 } });
    expect(await watch.ended).toBe(0);
    expect(watch.stdout).toMatch(/100 % {2}completed {2}\{"rows":3\}\n$/);

    await tasks.report('w2', { status: 'failed', error: 'out of paper' });
    expect(await run('watch', 'w2')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/failed {2}out of paper\n$/),
    });
    expect(JSON.parse((await run('watch', 'w2', '--json')).stdout)).toMatchObject({ task_id: 'w2', status: 'failed' });
    expect(await run('watch', 'unheard')).toMatchObject({ code: 1, stdout: '' });
  });

  it('ends with a sentence where no server answers', async () => {
    const nowhere = { ...environment, TIDINGS_URL: 'http://127.0.0.1:9' };
    const { code, stderr } = await runHere(['task', 'watch', 'w1'], { folder, environment: nowhere });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^tidings: .*127\.0\.0\.1:9/)]);
  });

  it('goes on through a restart of the server', async () => {
    const sender = createSender({ url: server.url, apiKey });
    await sender.tasks.report('w3', { progress: 10 });
    const watch = new RunningCli(['task', 'watch', 'w3'], { folder, environment });
    await watch.says(/10 %/);
    await server.restart(async () => {});
    tasks = server.tidings.tasks;
    await sender.tasks.report('w3', { status: 'completed' });
    expect(await watch.ended).toBe(0);
    await sender.close();
  });
});
