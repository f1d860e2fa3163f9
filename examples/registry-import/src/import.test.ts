import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createTidings, type Tidings } from '@tidings/server';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Generated } from './generate-file.ts';
import type { Counts } from './registry.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const apiKey = 'key-of-the-import';

let folder: string;
let tidings: Tidings;
let url: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-registry-'));
  const auth = { jwtSecret: 'only-for-this-test-of-the-import', apiKeys: [apiKey] };
  tidings = await createTidings({ database: `sqlite:${join(folder, 'tidings.db')}`, auth });
  ({ url } = await tidings.listen({ port: 0 }));
});
afterAll(async () => {
  await tidings.close();
  rmSync(folder, { recursive: true, force: true });
});

vi.setConfig({ testTimeout: 120_000 });

function start(...args: string[]): {
  child: ChildProcess;
  ended: Promise<{ code: number | null; out: string; err: string }>;
} {
  const env = { ...process.env, TIDINGS_URL: url, TIDINGS_API_KEY: apiKey };
  const child = spawn(process.execPath, ['--conditions=tidings-source', main, ...args], { cwd: folder, env });
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[code], out, err]) => ({ code, out, err }),
  );
  return { child, ended };
}
const importing = (file: string, id: string, ...rest: string[]) =>
  start('import', file, '--owner', '42', '--task-id', id, '--database', `${id}.db`, ...rest);

async function generated(file: string, lines: number): Promise<Generated> {
  const { out } = await start('generate', file, '--lines', String(lines), '--seed', '7').ended;
  return JSON.parse(out);
}

/** Starts an import in small batches, of a task that is queued already. Resolves once it reports some progress. */
async function underWay(file: string, id: string) {
  await tidings.tasks.start({ task_id: id, owner: 42 });
  const running = importing(file, id, '--batch', '10');
  const enough = new AbortController();
  const watch = tidings.tasks.watch(id, ({ progress }) => progress >= 1 && enough.abort(new Error('enough')), {
    signal: enough.signal,
  });
  await expect(watch).rejects.toThrow('enough');
  return running;
}

/** The rows of a registry and the place that was stored with them, after a check of the whole file. */
function stored(id: string): { taxpayers: number; faults: number; import: Counts & { line: number } } {
  const database = new Database(join(folder, `${id}.db`), { readonly: true });
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  const count = (table: string) => database.prepare(`select count(*) from ${table}`).pluck().get() as number;
  const found = { taxpayers: count('taxpayers'), faults: count('import_errors') };
  const last = database.prepare('select * from imports order by id desc limit 1').get() as Counts & { line: number };
  database.close();
  return { ...found, import: last };
}

it('imports a file with its bad lines counted, and updates at the second run', async () => {
  const file = await generated('small.txt', 3_000);
  expect(file.errors).toBeGreaterThan(10);
  expect(file.empty).toBeGreaterThan(2);
  const messages: string[] = [];
  await tidings.tasks.start({ task_id: 'small', owner: 42 });
  const end = tidings.tasks.watch('small', ({ message }) => messages.push(message));
  const first = await importing('small.txt', 'small', '--batch', '100').ended;
  const created = { created: file.taxpayers, updated: 0, errors: file.errors };
  expect(first).toEqual({ code: 0, out: `${JSON.stringify(created)}\n`, err: '' });
  expect(await end).toMatchObject({ status: 'completed', owner: '42', result: created });
  expect(messages).toContainEqual(expect.stringMatching(/^Processing [\d,]+ records…$/));
  expect(stored('small')).toMatchObject({ taxpayers: file.taxpayers, faults: file.errors });

  const second = await importing('small.txt', 'small').ended;
  const updated = { created: 0, updated: file.taxpayers, errors: file.errors };
  expect(JSON.parse(second.out)).toEqual(updated);
  expect(await tidings.tasks.get('small')).toMatchObject({ status: 'completed', attempt: 2, result: updated });
  expect(stored('small').taxpayers).toBe(file.taxpayers);
});

it('stops where its owner cancels it, whole, and goes on from there at the next run', async () => {
  const file = await generated('cancelled.txt', 40_000);
  const running = await underWay('cancelled.txt', 'cancelled');
  await tidings.tasks.cancel('cancelled');
  const { code, out } = await running.ended;
  expect(code).toBe(130);
  const { created, errors } = JSON.parse(out) as Counts;
  expect(created + errors).toBeLessThan(file.taxpayers);
  expect(await tidings.tasks.get('cancelled')).toMatchObject({
    ...{
      status: 'cancelled',
      message: expect.stringMatching(/^Cancelled after [\d,]+ records; .* goes on from there$/),
    },
  });
  expect(stored('cancelled')).toMatchObject({ taxpayers: created, faults: errors, import: { created, errors } });

  const next = await importing('cancelled.txt', 'cancelled').ended;
  expect(JSON.parse(next.out)).toEqual({ created: file.taxpayers, updated: 0, errors: file.errors });
  expect(stored('cancelled')).toMatchObject({ taxpayers: file.taxpayers, faults: file.errors });
});

it('loses and repeats nothing where it is killed', async () => {
  const file = await generated('killed.txt', 40_000);
  const running = await underWay('killed.txt', 'killed');
  running.child.kill('SIGKILL');
  await running.ended;
  const half = stored('killed');
  expect(half.taxpayers).toBe(half.import.created);
  expect(half.faults).toBe(half.import.errors);
  expect(half.taxpayers).toBeLessThan(file.taxpayers);
  const next = await importing('killed.txt', 'killed').ended;
  expect(JSON.parse(next.out)).toEqual({ created: file.taxpayers, updated: 0, errors: file.errors });
  expect(await tidings.tasks.get('killed')).toMatchObject({ status: 'completed' });
});

it('ends at Ctrl-C as at a cancel', async () => {
  await generated('interrupted.txt', 40_000);
  const running = await underWay('interrupted.txt', 'interrupted');
  running.child.kill('SIGINT');
  expect((await running.ended).code).toBe(130);
  expect(await tidings.tasks.get('interrupted')).toMatchObject({ status: 'cancelled' });
});

it('fails, and says why, for what is no registry', async () => {
  writeFileSync(join(folder, 'other.txt'), 'a;b\n1;2\n');
  const { code, err } = await importing('other.txt', 'other').ended;
  expect([code, err]).toEqual([1, expect.stringContaining('its first line must be tax_id;name;status;region;')]);
  expect(await tidings.tasks.get('other')).toMatchObject({
    status: 'failed',
    error: expect.stringContaining('no registry'),
  });
  expect((await importing('nowhere.txt', 'nowhere').ended).code).toBe(1);
  expect((await start('import').ended).code).toBe(2);
});
