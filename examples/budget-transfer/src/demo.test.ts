import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { prepared } from '../../../testing/prepared.ts';
import { warningsFromNow } from '../../../testing/warnings.ts';
import { type Demo, startDemo } from './demo.ts';
import { transferIdOf } from './job/transfer-files.ts';
import { simulatedLedger } from './simulator/ledger.ts';

let folder: string;
let demo: Demo;
let sockets: Listener[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'budget-transfer-'));
  prepared(join(folder, '.tidings', 'dev.db'));
  sockets = [];
  demo = await start();
});
afterEach(async () => {
  for (const socket of sockets) socket.close();
  await demo.close();
  rmSync(folder, { recursive: true });
});

const start = (changes: Partial<Parameters<typeof startDemo>[0]> = {}) =>
  startDemo({ folder, listen: { port: 0, next: false }, erp: null, stepSeconds: 0.02, reportSeconds: 600, ...changes });

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

const announce = (cookie: string, announcement: object) =>
  call(cookie, '/announcements', { method: 'POST', body: JSON.stringify(announcement) });

const itemsOf = async (response: Promise<Response>) =>
  ((await (await response).json()) as { items: Record<string, string>[] }).items;

/** The answer to a browser that opens the demo by this host name; `fetch` would name the real one. */
function firstPage(host: string, cookie = ''): Promise<{ status: number; cookie: string; body: string }> {
  const { port } = new URL(demo.url);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, headers: { host: `${host}:${port}`, cookie } },
      (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        const { statusCode: status = 0, headers } = response;
        response.on('end', () => resolve({ status, cookie: headers['set-cookie']?.[0] ?? '', body }));
      },
    );
    request.on('error', reject).end();
  });
}

type Frame = Record<string, unknown> & { type: string };
type Living = Frame & { id: string; task: Record<string, unknown> & { task_id: string; status: string } };

const taskOf = (frame: Frame) => (frame as Partial<Living>).task;
const hasTask = (status: string) => (frame: Frame) => taskOf(frame)?.status === status;
const asksWith = (action: string) => (frame: Frame) =>
  (frame.actions as { id: string }[] | undefined)?.some(({ id }) => id === action) === true;

/** An unmodified WebSocket of somebody's, and every frame it heard. */
class Listener {
  readonly frames: Frame[] = [];
  readonly #socket: WebSocket;
  #refs = 0;
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
    return this.hears((frame) => frame.type === type);
  }

  /** The first frame of which this is so, whether it came already or will. */
  hears(isIt: (frame: Frame) => boolean): Promise<Frame> {
    return new Promise((resolve) => {
      this.#look = () => {
        const frame = this.frames.find(isIt);
        if (frame) resolve(frame);
      };
      this.#look();
    });
  }

  /** The server's reply to an action. */
  async asks(action: object): Promise<Frame> {
    const ref = String(++this.#refs);
    this.send({ ...action, ref });
    return this.hears((frame) => frame.ref === ref);
  }

  /** The versions of the one notification that follows a task, as people see it. */
  living(taskId: string): Living[] {
    return this.frames.filter((frame) => taskOf(frame)?.task_id === taskId) as Living[];
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

test('a start warns of nothing', async () => {
  const warnings = warningsFromNow();
  await demo.close();
  demo = await start();
  // Warnings come a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
});

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
  expect(events.every(({ silent }) => silent === true)).toBe(true);

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
  const { task } = await socket.hears(hasTask('failed'));
  expect(task).toMatchObject({ can_retry: false });
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

test('one notification goes from the first step to the report, is counted once, and says when the report is gone', async () => {
  await demo.close();
  demo = await start({ reportSeconds: 1 });
  const maria = await signIn('maria');
  const socket = await listen(maria);
  const taskId = await submit(maria, 'budget-transfers.csv');
  const done = await socket.hears(hasTask('completed'));
  expect(done).toMatchObject({
    title: 'budget-transfers.csv',
    category: 'transfers',
    task: { result: { file_url: `/transfers/${taskId}/report`, file_size: expect.any(Number) } },
  });
  expect((await call(maria, `/transfers/${taskId}/report`)).status).toBe(200);
  await socket.hears((frame) => frame.expired === true);
  expect((await call(maria, `/transfers/${taskId}/report`)).status).toBe(410);

  const versions = socket.living(taskId);
  expect(new Set(versions.map(({ id }) => id)).size).toBe(1);
  const steps = versions.flatMap(({ task }) => (task.status === 'processing' ? [task.step_number] : []));
  expect(steps).toEqual([...steps].sort());
  // An edit counts nothing: it was unread once, and has expired since.
  expect(await socket.asks({ action: 'unread_count' })).toMatchObject({ unread_count: 0 });
});

test('what failed for want of the ERP is tried again once it is back, and its notification goes back to progress', async () => {
  const maria = await signIn('maria');
  await behave(maria, 'offline');
  const socket = await listen(maria);
  const taskId = await submit(maria, 'budget-transfers.csv');
  expect((await socket.heard('task_error')).data).toMatchObject({ may_repeat: true });
  const failed = await socket.hears(hasTask('failed'));
  expect(failed.task).toMatchObject({ can_retry: true });
  await behave(maria, 'normal');
  expect(await socket.asks({ action: 'retry_task', task_id: taskId })).toMatchObject({ attempt: 2 });
  const done = await socket.hears(hasTask('completed'));
  expect(done).toMatchObject({ id: failed.id, task: { attempt: 2 } });
  expect((await socket.heard('task_complete')).data).not.toHaveProperty('may_repeat');
  expect(await socket.asks({ action: 'unread_count' })).toMatchObject({ unread_count: 1 });
});

test('what is submitted again under its key is the transfer that was begun, also at the same moment', async () => {
  const maria = await signIn('maria');
  const hers = await listen(maria);
  const send = async (cookie: string, key: string) => {
    const path = `/transfers?example=budget-transfers.csv&key=${key}`;
    return ((await (await call(cookie, path, { method: 'POST' })).json()) as { task_id: string }).task_id;
  };
  const [first, second] = await Promise.all([send(maria, 'one'), send(maria, 'one')]);
  expect(second).toBe(first);
  await hers.hears(hasTask('completed'));
  expect(await send(maria, 'one')).toBe(first);
  expect(hers.frames.filter(({ type, status }) => type === 'task_update' && status === 'queued')).toHaveLength(1);
  const { items } = (await (await call(maria, '/api/v1/tasks')).json()) as { items: { task_id: string }[] };
  expect(items.map(({ task_id }) => task_id)).toEqual([first]);
  expect(await send(await signIn('tom'), 'one')).not.toBe(first);
  expect((await call(maria, '/transfers?example=budget-transfers.csv&key=a/b', { method: 'POST' })).status).toBe(400);
});

test('a key that gives the number of somebody else’s transfer begins nothing, and follows nothing', async () => {
  const tom = await signIn('tom');
  const { api_key } = JSON.parse(readFileSync(join(folder, '.tidings', 'dev.json'), 'utf8')) as { api_key: string };
  const hers = { task_id: transferIdOf('tom', 'one'), name: 'budget-transfer', owner: 'maria' };
  await fetch(`${demo.url}/api/v1/tasks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api_key}`, 'content-type': 'application/json' },
    body: JSON.stringify(hers),
  });
  const path = '/transfers?example=budget-transfers.csv&key=one';
  expect((await call(tom, path, { method: 'POST' })).status).toBe(409);
  expect(await itemsOf(call(tom, '/api/v1/inbox'))).toEqual([]);
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

test('a large transfer waits for an approver; whoever answers first decides, once', async () => {
  const [maria, tom, priya] = [await signIn('maria'), await signIn('tom'), await signIn('priya')];
  const [hers, his, director] = [await listen(maria), await listen(tom), await listen(priya)];
  const taskId = await submit(maria, 'budget-transfers-year-end.csv');
  const [question, same] = [await his.hears(asksWith('approve')), await director.hears(asksWith('approve'))];
  expect(question).toMatchObject({ id: same.id, title: 'Approve 480,000.00 USD?', category: 'approvals' });
  expect(hers.frames.some(asksWith('approve'))).toBe(false);
  expect(await hers.hears(hasTask('waiting'))).toMatchObject({ task: { message: 'Waiting for approval' } });

  const review = await (await call(tom, `/transfers/${taskId}/review`)).json();
  expect(review).toMatchObject({ requester: 'Maria Chen', preview: { row_count: 9, needs_approval: true } });
  expect((await call(maria, `/transfers/${taskId}/review`)).status).toBe(404);

  const answer = { action: 'answer', id: question.id };
  expect(await hers.asks({ ...answer, action_id: 'approve' })).toMatchObject({ type: 'error', code: 'not_found' });
  expect(await director.asks({ ...answer, action_id: 'approve' })).toMatchObject({ type: 'reply' });
  expect(await his.asks({ ...answer, action_id: 'reject' })).toMatchObject({ type: 'error', code: 'conflict' });
  expect(await his.hears((frame) => frame.answer !== undefined)).toMatchObject({ answer: { user_id: 'priya' } });
  expect((await hers.heard('task_complete')).data).toMatchObject({ approved_by: 'Priya Raman' });
});

test('a rejection ends the transfer with its reason, and cannot be tried again', async () => {
  const [maria, tom] = [await signIn('maria'), await signIn('tom')];
  const [hers, his] = [await listen(maria), await listen(tom)];
  await submit(maria, 'budget-transfers-year-end.csv');
  const { id } = await his.hears(asksWith('reject'));
  await his.asks({ action: 'answer', id, action_id: 'reject', comment: 'Not before the audit.' });
  expect(await hers.hears(hasTask('failed'))).toMatchObject({
    task: { error: 'Rejected by Tom Okafor: Not before the audit.', can_retry: false },
  });
  const { error } = await hers.heard('oracle_upload_failed');
  expect(error).toBe('Rejected by Tom Okafor: Not before the audit.');
});

test('an approver’s own transfer is for another one to decide', async () => {
  const [tom, priya] = [await signIn('tom'), await signIn('priya')];
  const [his, hers] = [await listen(tom), await listen(priya)];
  await submit(tom, 'budget-transfers-year-end.csv');
  expect(await hers.hears(asksWith('approve'))).toMatchObject({ data: { requester: 'Tom Okafor' } });
  await his.hears(hasTask('waiting'));
  expect(his.frames.some(asksWith('approve'))).toBe(false);
});

test('a restart asks nobody twice, and an approval stands when the transfer is tried again', async () => {
  const [maria, tom] = [await signIn('maria'), await signIn('tom')];
  await behave(maria, 'upload_fails');
  const before = await listen(tom);
  const taskId = await submit(maria, 'budget-transfers-year-end.csv');
  const { id } = await before.hears(asksWith('approve'));
  await demo.close();
  demo = await start();
  await behave(maria, 'offline');
  const [hers, his] = [await listen(maria), await listen(tom)];
  expect(await his.asks({ action: 'answer', id, action_id: 'approve' })).toMatchObject({ type: 'reply' });
  expect(await hers.hears(hasTask('failed'))).toMatchObject({ task: { can_retry: true } });
  await behave(maria, 'normal');
  await hers.asks({ action: 'retry_task', task_id: taskId });
  await hers.hears(hasTask('completed'));
  expect(his.frames.filter(asksWith('approve')).filter((frame) => frame.id !== id)).toEqual([]);
});

test('somebody else hears nothing of it, and may neither see nor download nor cancel', async () => {
  const [maria, tom, alex] = [await signIn('maria'), await signIn('tom'), await signIn('amadmin')];
  const [hers, his] = [await listen(maria), await listen(tom)];
  const taskId = await submit(maria, 'budget-transfers.csv');
  await hers.heard('task_complete');
  await announce(alex, { message: 'Closing Friday' });

  expect(await his.heard('user_notification')).toMatchObject({ message: 'Closing Friday' });
  expect(his.frames.map(({ type }) => type)).toEqual(['connection_established', 'synced', 'user_notification']);
  await hers.hears(({ message }) => message === 'Closing Friday');
  const attempts: [string, RequestInit?][] = [
    [`/transfers/${taskId}/report`],
    [`/transfers/${taskId}/review`],
    [`/api/v1/tasks/${taskId}`],
    [`/api/v1/tasks/${taskId}/cancel`, { method: 'POST' }],
    [`/api/v1/tasks/${taskId}/retry`, { method: 'POST' }],
  ];
  for (const [path, request] of attempts) {
    expect([path, (await call(tom, path, request)).status]).toEqual([path, 404]);
    expect([path, (await call('', path, request)).status]).toEqual([path, 401]);
  }
  expect((await announce(maria, { message: 'me too' })).status).toBe(403);
});

test('an announcement is changed and taken back on every screen, and one for later is taken back before it comes', async () => {
  const [maria, alex] = [await signIn('maria'), await signIn('amadmin')];
  const hers = await listen(maria);
  const later = { message: 'Soon', in_seconds: 600 };
  const [first] = await itemsOf(announce(alex, { message: 'Closes at 17:00.' }));
  const heard = await hers.hears(({ message }) => message === 'Closes at 17:00.');
  await call(alex, `/announcements/${first?.id}`, { method: 'PATCH', body: '{"message":"Closes at 18:00."}' });
  expect(await hers.hears(({ message }) => message === 'Closes at 18:00.')).toMatchObject({ id: heard.id });
  expect(await hers.asks({ action: 'unread_count' })).toMatchObject({
    unread_count: 1,
    categories: { announcements: 1 },
  });

  const [scheduled] = await itemsOf(announce(alex, later));
  expect(scheduled).toMatchObject({ status: 'scheduled', message: 'Soon' });
  for (const one of [first, scheduled]) await call(alex, `/announcements/${one?.id}`, { method: 'DELETE' });
  expect(await hers.heard('retracted')).toMatchObject({ id: heard.id });
  expect((await hers.asks({ action: 'list' })).items).toEqual([]);
  const statuses = (await itemsOf(call(alex, '/announcements'))).map(({ status }) => status);
  expect(statuses).toEqual(['retracted', 'retracted']);
  expect((await call(alex, '/announcements/none', { method: 'DELETE' })).status).toBe(404);
});

test('maintenance is told of at once and, in the same notification, when it begins; it expires when that is over', async () => {
  const [maria, alex] = [await signIn('maria'), await signIn('amadmin')];
  const hers = await listen(maria);
  const body = JSON.stringify({ in_seconds: 0.5, for_seconds: 1 });
  expect((await call(alex, '/announcements/maintenance', { method: 'POST', body })).status).toBe(200);
  const notice = await hers.hears(({ message }) => /nothing can be posted/.test(String(message)));
  expect(await hers.hears(({ message }) => /has begun/.test(String(message)))).toMatchObject({ id: notice.id });
  expect(await itemsOf(call(alex, '/announcements'))).toMatchObject([{ id: notice.id, status: 'live' }]);
  expect(await hers.hears((frame) => frame.expired === true)).toMatchObject({ id: notice.id });
});

test('a storm of corrections is one notification, which counts them', async () => {
  const maria = await signIn('maria');
  const socket = await listen(maria);
  expect((await call(maria, '/corrections', { method: 'POST' })).status).toBe(200);
  const last = await socket.hears(({ title }) => title === '25 lines corrected');
  const { items, unread_count } = await socket.asks({ action: 'list' });
  expect({ items, unread_count }).toMatchObject({ items: [{ id: last.id }], unread_count: 1 });
});

test('everybody has a host name of their own, where they are signed in until they sign out', async () => {
  const first = await firstPage('tom.localhost');
  expect(first.body).toContain('<tidings-bell>');
  expect(first.cookie).toMatch(/^budget_session=tom\./);
  expect((await firstPage('tom.localhost', 'budget_session=nobody')).body).toContain('Who is working today?');
  expect((await firstPage('eve.localhost')).body).toContain('Who is working today?');
  expect((await firstPage('tom.example')).status).toBe(403);
});

test('the documents are served beside the application, which keeps its own paths', async () => {
  for (const path of ['/docs', '/openapi.json', '/asyncapi.json', '/docs/page.css']) {
    expect((await fetch(demo.url + path)).status).toBe(200);
  }
  expect((await fetch(`${demo.url}/documents`)).status).toBe(401);
});

test('who is not signed in is turned away, whatever the address claims', async () => {
  expect((await fetch(`${demo.url}/transfers?example=budget-transfers.csv`, { method: 'POST' })).status).toBe(401);
  expect((await fetch(`${demo.url}/api/v1/tasks?user=maria`)).status).toBe(401);
  expect((await call('budget_session=maria.forged', '/me')).status).toBe(401);
  const socket = new WebSocket(`${demo.url.replace('http', 'ws')}/ws/notifications/?user=maria`);
  const refusal = await new Promise((resolve) => socket.on('error', ({ message }) => resolve(message)));
  expect(refusal).toBe('Unexpected server response: 401');
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
  expect(error).toMatch(/^An earlier attempt came as far as .* Look for its batch in the ERP before sending/);
  expect((await after.hears(hasTask('failed'))).task).toMatchObject({ can_retry: false });
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
