import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Task } from '@tidings/sender';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RunningCli, runCli } from '../../testing/cli/cli.ts';
import { apiKey, RunningServer } from '../../testing/running-server.ts';

let folder: string;
let server: RunningServer;
let environment: Record<string, string>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-run-'));
  server = await RunningServer.start();
  environment = { TIDINGS_URL: server.url, TIDINGS_API_KEY: apiKey };
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

vi.setConfig({ testTimeout: 120_000 });

let programs = 0;
/** The words that run a program of these lines of JavaScript. */
function node(text: string): string[] {
  const file = join(folder, `program-${++programs}.mjs`);
  writeFileSync(file, text);
  return ['--', process.execPath, file];
}
const words = (id: string, ...rest: string[]) => ['task', 'run', '--owner', '42', '--id', '--task-id', id, ...rest];
const run = (id: string, ...rest: string[]) => runCli(words(id, ...rest), { folder, environment });
const start = (id: string, ...rest: string[]) => new RunningCli(words(id, ...rest), { folder, environment });
const task = async (id: string): Promise<Task> => (await server.call('GET', `/api/v1/tasks/${id}`)).body;

/** A program that works until it is told to stop, and ends in good order. */
const patient = `
process.once('SIGTERM', () => { console.log('rolled back'); process.exit(0); });
process.once('SIGINT', () => { console.log('interrupted'); process.exit(3); });
console.log('at work');
setInterval(() => {}, 1000);`;

/** A program that does not stop for anybody. */
const stubborn = `
for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => console.log('no'));
console.log('at work');
setInterval(() => {}, 1000);`;

describe('a program that ends', () => {
  it('passes its output through as it is, and completes with its progress and result', async () => {
    const { code, stdout, stderr } = await run(
      'good',
      ...['--name', 'import', '--follow-by', '7', '--follow-by', '8'],
      ...node(`
        process.stdout.write('::step 2/4 Reading\\n::progress 45 Processing 1,500 records…\\nno newline: ');
        process.stdout.write('\\u001b[31mred\\u001b[0m\\n\\\\::progress 99\\n');
        process.stderr.write('a warning');
        console.log('::result {"created": 3, "task": "' + process.env.TIDINGS_TASK_ID + '"}');
        console.log(process.argv.slice(2).join());`),
      ...['--json', '-x'],
    );
    expect(code).toBe(0);
    expect(stdout).toBe(
      '::step 2/4 Reading\n::progress 45 Processing 1,500 records…\nno newline: \u001b[31mred\u001b[0m\n\\::progress 99\n::result {"created": 3, "task": "good"}\n--json,-x\n',
    );
    expect(stderr).toBe('tidings: task good has begun\na warning');
    expect(await task('good')).toMatchObject({
      ...{ status: 'completed', name: 'import', owner: '42', followers: ['7', '8'], message: '--json,-x' },
      ...{ step: 'Reading', step_number: 2, total_steps: 4, result: { created: 3, task: 'good' } },
    });
  });

  it('has its lines as the log of the task, in order and all of them', async () => {
    const lines = `for (let n = 1; n <= 3_000; n++) console.log('line ' + n); console.log(''); console.error('careful');`;
    await run('logged', ...node(lines));
    const texts: string[] = [];
    const warnings: string[] = [];
    for (let after = 0; ; ) {
      const { items, next_after, has_more } = await server.tidings.tasks.readLog('logged', { after, limit: 100 });
      for (const { text, level } of items) (level === 'warn' ? warnings : texts).push(text);
      if (!has_more) break;
      after = next_after;
    }
    expect(texts).toEqual([...Array.from({ length: 3_000 }, (_, n) => `line ${n + 1}`), '']);
    expect(warnings).toEqual(['careful']);
  });

  it('fails with its exit code and the last lines of stderr', async () => {
    const lines = `for (let n = 1; n <= 50; n++) console.error('line ' + n); console.log('::result {x}'); process.exitCode = 3;`;
    const { code, stderr } = await run('bad', ...node(lines));
    expect(code).toBe(3);
    expect(stderr).toContain('tidings: "::result" is followed by JSON on the same line, as ::result {"rows": 3}\n');
    const { status, error } = await task('bad');
    expect(status).toBe('failed');
    expect(error).toMatch(/^Ended with exit code 3\nline 31\n/);
    expect(error).toMatch(/\nline 50$/);
  });

  it('fails with the name of the signal that ended it', async () => {
    const { code } = await run('killed', ...node(`console.log('so far'); process.kill(process.pid, 'SIGKILL');`));
    expect(code).toBe(137);
    expect(await task('killed')).toMatchObject({ status: 'failed', error: 'Ended by SIGKILL\nso far' });
  });

  it('fails where there is none', async () => {
    const { code, stderr } = await run('none', '--', './nowhere');
    expect([code, stderr]).toEqual([
      127,
      expect.stringContaining('tidings: ./nowhere cannot be run: there is no such'),
    ]);
    expect(await task('none')).toMatchObject({ status: 'failed', error: expect.stringContaining('./nowhere') });
  });

  it('fails with a result that cannot be stored', async () => {
    const { code, stderr } = await run(
      'large',
      ...node(`console.log('::result "' + 'x'.repeat(16_000) + '\\\\u0000"');`),
    );
    expect([code, stderr]).toEqual([125, expect.stringContaining('its result cannot be stored')]);
    expect(await task('large')).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('It ended well, but'),
    });
  });

  it('is read as text with --plain', async () => {
    await run('plain', '--plain', ...node(`console.log('::progress 45');`));
    expect(await task('plain')).toMatchObject({ status: 'completed', message: '::progress 45', result: null });
  });

  it('says 20,000 lines in few reports', async () => {
    const before = (await server.call('PATCH', '/api/v1/tasks/mark', { progress: 1 })).body.rev;
    const { stdout } = await run(
      'chatty',
      ...node(`for (let n = 1; n <= 20_000; n++) console.log('::progress ' + n / 200);`),
    );
    expect(stdout).toHaveLength(
      '::progress '.length * 20_000 + [...Array(20_000).keys()].map((n) => `${(n + 1) / 200}\n`).join('').length,
    );
    const { rev, status, progress } = await task('chatty');
    expect([status, progress]).toEqual(['completed', 100]);
    expect(rev - before).toBeLessThan(1_000);
  });

  it('goes on where nobody reads its output any more', async () => {
    const program = fileURLToPath(new URL('../../bin/tidings.js', import.meta.url));
    const many = `
      const say = () => new Promise((resolve) => process.stdout.write('x'.repeat(10_000) + '\\n', resolve));
      for (let n = 0; n < 200; n++) await say();
      console.log('::result "all of it"');`;
    const child = spawn(process.execPath, [program, ...words('unread', ...node(many))], {
      ...{ cwd: folder, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'ignore'] },
    });
    const ended = once(child, 'exit');
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.stdout?.destroy();
    expect(await ended).toEqual([0, null]);
    expect(await task('unread')).toMatchObject({ status: 'completed', result: 'all of it' });
  });
});

describe('a program that is to stop', () => {
  it('ends in good order where its owner cancels the task', async () => {
    const cli = start('cancelled', ...node(patient));
    await cli.says(/at work/);
    const owner = await server.join('42');
    owner.say({ action: 'cancel_task', task_id: 'cancelled' });
    expect(await cli.ended).toBe(0);
    expect(cli.stderr).toContain('tidings: Cancelled as asked for; ending the program\n');
    expect(await task('cancelled')).toMatchObject({
      status: 'cancelled',
      message: 'Cancelled as asked for: rolled back',
    });
  });

  it('is passed Ctrl-C', async () => {
    const cli = start('interrupted', ...node(patient));
    await cli.says(/at work/);
    expect(await cli.stop('SIGINT')).toBe(3);
    expect(await task('interrupted')).toMatchObject({
      status: 'cancelled',
      message: 'Cancelled by SIGINT: interrupted',
    });
  });

  it('is killed after the grace, with what it has started', async () => {
    const both = `
      import { spawn } from 'node:child_process';
      spawn(process.execPath, ['-e', ${JSON.stringify(stubborn.replace('at work', 'child at work'))}], { stdio: 'inherit' });
      ${stubborn}`;
    const cli = start('stubborn', '--grace', '1s', ...node(both));
    await cli.says(/child at work/);
    await server.call('POST', '/api/v1/tasks/stubborn/cancel');
    expect(await cli.ended).toBe(137);
    expect(await task('stubborn')).toMatchObject({ status: 'cancelled', message: 'Cancelled as asked for: no' });
  });

  it('is killed at once by a second signal', async () => {
    const cli = start('impatient', '--grace', '1h', ...node(stubborn));
    await cli.says(/at work/);
    void cli.stop('SIGINT');
    await cli.says(/^no$/m);
    expect(await cli.stop('SIGTERM')).toBe(137);
    expect(await task('impatient')).toMatchObject({ status: 'cancelled' });
  });
});

describe('a program whose server is away', () => {
  it('goes on, and its end is delivered when the server is back', async () => {
    const cli = start('away', ...node(`for await (const _ of process.stdin); console.log('::result 7');`));
    await cli.says(/has begun/);
    await server.restart(async () => {
      cli.type('');
      await cli.says(/::result 7/);
    });
    expect(await cli.ended).toBe(0);
    expect(await task('away')).toMatchObject({ status: 'completed', result: 7 });
  });

  it('says so where it stays away, and is not begun without it', async () => {
    const own = await RunningServer.start();
    const place = { folder, environment: { ...environment, TIDINGS_URL: own.url } };
    const program = node(`for await (const _ of process.stdin); console.log('done');`);
    const cli = new RunningCli(words('left', '--server-timeout', '1s', ...program), place);
    await cli.says(/has begun/);
    await own.stop();
    cli.type('');
    expect(await cli.ended).toBe(125);
    expect(cli.stderr).toMatch(/tidings: the task left does not show how it ended \(completed\): .*/);
    const late = await runCli(words('late', '--server-timeout', '1s', ...program), place);
    expect(late).toMatchObject({
      code: 125,
      stdout: '',
      stderr: expect.stringMatching(/^tidings: nothing was run, since/),
    });
  });
});

describe('a program that is run again', () => {
  const hello = `console.log('hello');`;

  it('is run once for a key', async () => {
    expect((await run('once', '--key', 'june', ...node(hello))).stdout).toBe('hello\n');
    const again = await run('once', '--key', 'june', ...node(hello));
    expect(again).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('not run: task once was begun'),
    });
    const free = ['task', 'run', '--owner', '42', '--id', '--key', 'july', ...node(hello)];
    expect((await runCli(free, { folder, environment })).stdout).toBe('hello\n');
    expect(await runCli(free, { folder, environment })).toMatchObject({ code: 0, stdout: '' });
  });

  it('takes a task that somebody has queued, or that failed, and another end only with --restart', async () => {
    await server.call('POST', '/api/v1/tasks', { task_id: 'again', owner: 42, name: 'waits' });
    expect((await run('again', ...node('process.exitCode = 1;'))).code).toBe(1);
    expect((await run('again', ...node(hello))).code).toBe(0);
    expect(await task('again')).toMatchObject({ status: 'completed', attempt: 2 });
    const refused = await run('again', ...node(hello));
    expect(refused).toMatchObject({ code: 125, stdout: '', stderr: expect.stringContaining('is completed already') });
    expect((await run('again', '--restart', ...node(hello))).code).toBe(0);
    expect(await task('again')).toMatchObject({ status: 'completed', attempt: 3 });
  });

  it('takes the place of one that is at work with --restart, which then ends', async () => {
    const first = start('taken', ...node(patient));
    await first.says(/at work/);
    const refused = await run('taken', ...node(hello));
    expect(refused).toMatchObject({ code: 125, stdout: '', stderr: expect.stringContaining('with --restart') });
    const second = start('taken', '--restart', ...node(patient));
    await second.says(/at work/);
    expect(await first.ended).toBe(125);
    expect(first.stderr).toMatch(/Another run took its place; ending the program\n.*does not count/s);
    expect((await task('taken')).status).toBe('processing');
    // Its last words came when its attempt was over.
    expect(first.stdout).toContain('rolled back');
    const { items } = (await server.call('GET', '/api/v1/tasks/taken/log')).body;
    expect(items.map(({ text }: { text: string }) => text)).not.toContain('rolled back');
    await second.stop('SIGTERM');
    expect(await task('taken')).toMatchObject({ status: 'cancelled', attempt: 3 });
  });

  it('is refused where nobody knows the owner', async () => {
    const asked = await runCli(['task', 'run', '--owner', 'nobody', ...node(hello)], { folder, environment });
    expect(asked).toMatchObject({ code: 125, stdout: '', stderr: expect.stringContaining('add --id') });
    const wrong = await runCli(['task', 'run', '--owner', '42', '--grace', 'x', ...node(hello)], {
      folder,
      environment,
    });
    expect(wrong).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--grace must be a time') });
  });
});
