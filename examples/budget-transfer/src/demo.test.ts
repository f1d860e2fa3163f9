import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Demo, startDemo } from './demo.ts';
import { simulatedLedger } from './simulator/ledger.ts';

let folder: string;
let demo: Demo;
let sockets: Listener[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'budget-transfer-'));
  sockets = [];
  demo = await start();
});
afterEach(async () => {
  for (const socket of sockets) socket.close();
  await demo.close();
  rmSync(folder, { recursive: true });
});

const start = (changes: Partial<Parameters<typeof startDemo>[0]> = {}) =>
  startDemo({ folder, listen: { port: 0, next: false }, erp: null, stepSeconds: 0.02, ...changes });

/** Signs somebody in and returns the cookie. */
async function signIn(who: string): Promise<string> {
  const response = await fetch(`${demo.url}/sign-in/${who}`, { method: 'POST', redirect: 'manual' });
  return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

const call = (cookie: string, path: string, request: RequestInit = {}) =>
  fetch(demo.url + path, { ...request, headers: { cookie, ...request.headers } });

const submit = (cookie: string, example: string) =>
  call(cookie, `/transfers?example=${example}`, { method: 'POST' }).then(async (response) => {
    expect(response.status).toBe(202);
    return ((await response.json()) as { task_id: string }).task_id;
  });

const behave = (cookie: string, behaviour: string) =>
  call(cookie, '/simulator', { method: 'PUT', body: JSON.stringify({ behaviour }) });

type Frame = Record<string, unknown> & { type: string };

/** An unmodified WebSocket of somebody's, and every frame it heard. */
class Listener {
  readonly frames: Frame[] = [];
  readonly #socket: WebSocket;
  #look = () => {};

  constructor(cookie: string, path: string) {
    this.#socket = new WebSocket(`${demo.url.replace('http', 'ws')}${path}`, { headers: { cookie } });
    this.#socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)) as Frame);
      this.#look();
    });
    sockets.push(this);
  }

  heard(type: string): Promise<Frame> {
    return new Promise((resolve) => {
      this.#look = () => {
        const frame = this.frames.find((one) => one.type === type);
        if (frame) resolve(frame);
      };
      this.#look();
    });
  }

  of(prefix: string): Frame[] {
    return this.frames.filter(({ type }) => type.startsWith(prefix));
  }

  send(action: object): void {
    this.#socket.send(JSON.stringify(action));
  }

  close(): void {
    this.#socket.terminate();
  }
}

async function listen(cookie: string, path = '/ws/notifications/'): Promise<Listener> {
  const listener = new Listener(cookie, path);
  await listener.heard('synced');
  return listener;
}

test('a submitted file reports five steps and ends with a report to download', async () => {
  const maria = await signIn('maria');
  const socket = await listen(maria);
  const taskId = await submit(maria, 'budget-transfers.csv');
  const completed = await socket.heard('oracle_upload_completed');

  expect(socket.frames[0]).toMatchObject({ type: 'connection_established', user_id: 'maria' });
  const events = socket.of('oracle_');
  expect(events.map(({ type, step, step_number, total_steps }) => [type, step, step_number, total_steps])).toEqual([
    ['oracle_upload_started', undefined, undefined, undefined],
    ['oracle_upload_progress', 'Preparing Data', 1, 5],
    ['oracle_upload_progress', 'Upload to UCM', 2, 5],
    ['oracle_upload_progress', 'Interface Loader', 3, 5],
    ['oracle_upload_progress', 'Journal Import', 4, 5],
    ['oracle_upload_progress', 'AutoPost', 5, 5],
    ['oracle_upload_completed', undefined, undefined, undefined],
  ]);
  expect(new Set(events.map((event) => event.transaction_id))).toEqual(new Set([taskId]));

  const done = await socket.heard('task_complete');
  expect(done).toMatchObject({ task_id: taskId, message: 'Posted 240 lines of 66 journals, 1,948,778.78 USD' });
  expect(done.result).toMatchObject({ file_url: completed.result_path, lines: 240 });
  const report = await call(maria, String(completed.result_path));
  expect(report.headers.get('content-disposition')).toMatch(/^attachment; filename="budget-transfers-\d+\.txt"$/);
  expect(await report.text()).toContain('240 lines of 66 journals');
});

test('a file with mistakes is refused line by line, before and by the job, which fails', async () => {
  const maria = await signIn('maria');
  const preview = await call(maria, '/transfers/check?example=budget-transfers-with-mistakes.csv', { method: 'POST' });
  const { problems, summary } = (await preview.json()) as { problems: unknown[]; summary: unknown };
  expect(problems).toHaveLength(8);
  expect(problems[1]).toMatchObject({ line: 7, column: 'entered_credit' });
  expect(summary).toBeNull();

  const socket = await listen(maria);
  await submit(maria, 'budget-transfers-with-mistakes.csv');
  const failed = await socket.heard('oracle_upload_failed');
  const ended = await socket.heard('task_error');
  expect(failed.error).toMatch(/^The file has 8 problems, nothing was sent: line 5: /);
  expect(ended).toMatchObject({ status: 'failed', error: failed.error, step: 'Preparing Data' });
  expect(ended.data).toMatchObject({ problems, problem_count: 8, may_repeat: false });
});

test('lines that the ERP rejects are told by their place in the file', async () => {
  const maria = await signIn('maria');
  const socket = await listen(maria);
  await submit(maria, 'budget-transfers-erp-rejects.csv');
  const { step, data } = await socket.heard('task_error');
  expect(step).toBe('Journal Import');
  expect((data as { problems: { line: number }[] }).problems.map(({ line }) => line)).toEqual([13, 24]);
});

test.each([
  ['load_refused', 'Interface Loader', /refused to start InterfaceLoaderController/],
  ['import_rejects', 'Journal Import', /^The ERP rejected 1 of 240 lines, and with them the whole file/],
  ['posting_fails', 'AutoPost', /do not send the file again/],
])('an ERP that is told %s fails the job in %s with its reason', async (behaviour, step, error) => {
  const maria = await signIn('maria');
  await behave(maria, behaviour);
  const socket = await listen(maria);
  await submit(maria, 'budget-transfers.csv');
  expect(await socket.heard('task_error')).toMatchObject({ step, error: expect.stringMatching(error) });
});

test('what failed for want of the ERP is sent again once it is back', async () => {
  const maria = await signIn('maria');
  await behave(maria, 'offline');
  const socket = await listen(maria);
  const taskId = await submit(maria, 'budget-transfers.csv');
  expect((await socket.heard('task_error')).data).toMatchObject({ may_repeat: true });
  await behave(maria, 'normal');
  const again = await call(maria, `/transfers/${taskId}/again`, { method: 'POST' });
  expect(again.status).toBe(202);
  expect(await socket.heard('task_complete')).toMatchObject({ data: { title: 'budget-transfers.csv' } });
});

test('submitting answers while the job runs, and cancelling ends the job and its polling', async () => {
  const maria = await signIn('maria');
  await demo.close();
  demo = await start({ stepSeconds: 300 });
  const socket = await listen(maria, '/ws/');
  const taskId = await submit(maria, 'budget-transfers.csv');
  expect(socket.of('task_complete')).toEqual([]);
  await until(() => socket.frames.some((frame) => frame.step === 'Interface Loader'));
  socket.send({ action: 'cancel_task', task_id: taskId });
  expect(await socket.heard('task_cancelled')).toMatchObject({ task_id: taskId, step: 'Interface Loader' });
  expect(await socket.heard('oracle_upload_cancelled')).toMatchObject({ transaction_id: taskId });
  expect(socket.of('oracle_upload_failed')).toEqual([]);
});

test('somebody else hears nothing of it, and may neither see nor download nor cancel', async () => {
  const [maria, tom] = [await signIn('maria'), await signIn('tom')];
  const [hers, his] = [await listen(maria), await listen(tom)];
  const taskId = await submit(maria, 'budget-transfers.csv');
  await hers.heard('task_complete');
  await call(tom, '/announcements', { method: 'POST', body: JSON.stringify({ message: 'Closing Friday' }) });

  expect(await his.heard('notification')).toMatchObject({ message: 'Closing Friday' });
  expect(his.frames.map(({ type }) => type)).toEqual(['connection_established', 'synced', 'notification']);
  expect(await hers.heard('notification')).toMatchObject({ title: 'Tom Okafor, Controller' });
  const attempts: [string, RequestInit?][] = [
    [`/transfers/${taskId}/report`],
    [`/transfers/${taskId}/again`, { method: 'POST' }],
    [`/api/v1/tasks/${taskId}`],
    [`/api/v1/tasks/${taskId}/cancel`, { method: 'POST' }],
  ];
  for (const [path, request] of attempts) {
    expect([path, (await call(tom, path, request)).status]).toEqual([path, 404]);
    expect([path, (await call('', path, request)).status]).toEqual([path, 401]);
  }
  expect((await call(maria, '/announcements', { method: 'POST', body: '{"message":"me too"}' })).status).toBe(403);
});

test('who is not signed in is turned away, whatever the address claims', async () => {
  expect((await fetch(`${demo.url}/transfers?example=budget-transfers.csv`, { method: 'POST' })).status).toBe(401);
  expect((await fetch(`${demo.url}/api/v1/tasks?user=maria`)).status).toBe(401);
  expect((await call('budget_session=maria.forged', '/me')).status).toBe(401);
  const socket = new WebSocket(`${demo.url.replace('http', 'ws')}/ws/notifications/?user=maria`);
  expect(await new Promise((resolve) => socket.on('close', resolve))).toBe(4401);
});

test('what a restart interrupts before anything was booked is done afterwards', async () => {
  const maria = await signIn('maria');
  await demo.close();
  demo = await start({ stepSeconds: 300 });
  const before = await listen(maria, '/ws/');
  await submit(maria, 'budget-transfers.csv');
  await until(() => before.frames.some((frame) => frame.step === 'Interface Loader'));
  await demo.close();
  demo = await start();
  const after = await listen(maria);
  expect(await after.heard('task_complete')).toMatchObject({ attempt: 2 });
});

test('what a restart interrupts in the import is not booked twice', async () => {
  const maria = await signIn('maria');
  await demo.close();
  demo = await start({ stepSeconds: 1 });
  const during = await listen(maria, '/ws/');
  await submit(maria, 'budget-transfers.csv');
  await until(() => during.frames.some((frame) => frame.step === 'Journal Import'));
  await demo.close();
  demo = await start();
  const after = await listen(maria);
  const { error } = await after.heard('task_error');
  expect(error).toMatch(
    /^The application was restarted .* Look for its batch in the ERP before sending the file again\.$/,
  );
});

test('a Fusion host that cannot be reached fails the job with what to check, and nothing else', async () => {
  await demo.close();
  const connection = { baseUrl: 'http://127.0.0.1:9', username: 'fin', password: 'x' };
  demo = await start({ erp: { connection, ledger: simulatedLedger } });
  const maria = await signIn('maria');
  const socket = await listen(maria);
  await submit(maria, 'budget-transfers.csv');
  const { error } = await socket.heard('oracle_upload_failed');
  expect(error).toMatch(/^Cannot reach the ERP at 127\.0\.0\.1:9: .* Check the base URL/);
  expect((await call(maria, '/me')).status).toBe(200);
});

test('a taken port and a folder that cannot be written are told in a sentence', async () => {
  const other = mkdtempSync(join(tmpdir(), 'budget-transfer-'));
  const port = Number(new URL(demo.url).port);
  await expect(start({ folder: other, listen: { port, next: false } })).rejects.toThrow(
    `Port ${port} is taken by other programs.`,
  );
  const next = await start({ folder: other, listen: { port, next: true } });
  expect(Number(new URL(next.url).port)).toBeGreaterThan(port);
  await next.close();
  rmSync(other, { recursive: true });
  await expect(start({ folder: '/dev/null' })).rejects.toThrow('/dev/null/.tidings');
  await expect(start()).rejects.toThrow('in use by another Tidings process');
});

/** Waits for something that frames will bring about. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}
