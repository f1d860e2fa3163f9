import { type TaskReport, TidingsError } from '@tidings/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Clock, systemClock } from '../clock.ts';
import { endpointSource } from '../config/endpoint.ts';
import { createSenderOver } from '../sender-api.ts';
import { ContractServer } from '../testing/contract-server.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { type HttpOptions, httpPort } from './http-port.ts';

let server: ContractServer;
beforeEach(async () => {
  server = await new ContractServer().start();
});
afterEach(() => server.kill());

const quick = { initialDelayMs: 10, maxDelayMs: 40 };

function sender(options: HttpOptions = {}, clock: Clock = systemClock) {
  const all = { url: server.url, apiKey: server.apiKey, retry: quick, ...options };
  return createSenderOver(httpPort(all, endpointSource(all), clock), { clock, logger: { warn: () => {} } });
}

const to = (user: string) => ({ to: { user }, type: 'greeting', message: `hello ${user}` });
const users = (count: number) => Array.from({ length: count }, (_, index) => `user-${index}`);
const failed = async (promise: Promise<unknown>): Promise<TidingsError> => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TidingsError);
  return error as TidingsError;
};

describe('coalescing', () => {
  it('sends 10,000 calls of one loop in 10 requests and answers each with its own result', async () => {
    const { notify } = sender();
    const names = users(10_000);
    const results = await Promise.all(names.map((user) => notify(to(user))));
    expect(server.batches).toHaveLength(10);
    expect(server.batches.every(({ path }) => path.endsWith('?atomic=false'))).toBe(true);
    const byId = new Map(server.stored.map((item) => [item.id, item]));
    expect(results.map(({ id }) => byId.get(id)?.to)).toEqual(names.map((user) => ({ user })));
    expect(results.map(({ id, rev }) => byId.get(id)?.rev === rev)).not.toContain(false);
  });

  it('keeps batches below a megabyte, counted in UTF-8', async () => {
    const { notifyMany } = sender();
    const items = users(40).map((user) => ({ ...to(user), data: { text: 'é漢😀'.repeat(5_000) } }));
    const outcomes = await notifyMany(items);
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    const sizes = server.batches.map(({ items: sent }) => Buffer.byteLength(JSON.stringify(sent)));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000_000);
    expect(sizes).toHaveLength(2);
  });

  it('sends one item larger than that alone', async () => {
    const { notifyMany } = sender();
    const big = { ...to('big'), data: { text: 'x'.repeat(1_500_000) } };
    const outcomes = await notifyMany([to('a'), big, to('b')]);
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(server.batches.map(({ items }) => items.length)).toEqual([1, 1, 1]);
  });

  it('fails a bad item alone, with its own error', async () => {
    server.refuse = ({ to: audience }) =>
      'user' in audience && audience.user === 'user-1' ? { code: 'bad_request', message: 'no such type' } : undefined;
    const { notify } = sender();
    const [first, second, third] = await Promise.allSettled(users(3).map((user) => notify(to(user))));
    expect([first?.status, third?.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'bad_request', message: 'no such type' } });
    expect(server.batches).toHaveLength(1);
  });

  it('fails every item of an atomic batch with the error and index of the one that was bad', async () => {
    server.refuse = ({ to: audience }) =>
      'user' in audience && audience.user === 'user-1' ? { code: 'bad_request', message: 'no such type' } : undefined;
    const { notifyMany } = sender();
    const outcomes = await notifyMany(users(3).map(to), { atomic: true });
    expect(outcomes.map((outcome) => !outcome.ok && [outcome.error.code, outcome.error.index])).toEqual([
      ['bad_request', 1],
      ['bad_request', 1],
      ['bad_request', 1],
    ]);
    expect(server.stored).toHaveLength(0);
    expect(server.batches.map(({ path }) => path)).toEqual(['/api/v1/notifications/batch']);
  });

  it('sends an atomic batch as a request of its own, without its neighbours', async () => {
    const { notify, notifyMany } = sender();
    const [, atomic] = await Promise.all([
      notify(to('a')),
      notifyMany([to('b'), to('c')], { atomic: true }),
      notify(to('d')),
    ]);
    expect(atomic.map(({ ok }) => ok)).toEqual([true, true]);
    const sent = server.batches.map(({ path, items }) => [path.includes('atomic=false'), items.length]);
    expect(sent).toContainEqual([false, 2]);
    expect(sent).toContainEqual([true, 2]);
  });

  it('refuses an atomic batch of more than 1,000 without asking the server', async () => {
    const outcomes = await sender().notifyMany(users(1_001).map(to), { atomic: true });
    expect(outcomes).toHaveLength(1_001);
    expect(outcomes[0]).toMatchObject({ ok: false, error: { code: 'bad_request' } });
    expect(server.seen).toHaveLength(0);
  });

  it('splits a batch that a proxy finds too large, and fails only an item that is too large by itself', async () => {
    server.before = ({ items }) =>
      JSON.stringify(items).length > 20_000
        ? { status: 413, body: '<h1>413</h1>', headers: { 'content-type': 'text/html' } }
        : undefined;
    const { notifyMany } = sender();
    const items = users(50).map((user, index) => ({
      ...to(user),
      data: { text: 'x'.repeat(index === 20 ? 30_000 : 900) },
    }));
    const outcomes = await notifyMany(items);
    const bad = outcomes.flatMap((outcome, index) => (outcome.ok ? [] : [[index, outcome.error.code]]));
    expect(bad).toEqual([[20, 'payload_too_large']]);
    expect(server.stored).toHaveLength(49);
  });
});

describe('a server that does not answer what is large in time', () => {
  it('gets smaller requests until it answers, then larger ones again', async () => {
    server.before = ({ items }) => (JSON.stringify(items).length > 50_000 ? 'hang' : undefined);
    const { notifyMany } = sender({ retry: { ...quick, attemptTimeoutMs: 300 } });
    const items = users(40).map((user) => ({ ...to(user), data: { text: 'x'.repeat(10_000) } }));
    const outcomes = await notifyMany(items);
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(server.stored).toHaveLength(40);

    server.before = () => undefined;
    while (server.batches.at(-1)?.items.length !== 40) await notifyMany(items);
  });
});

describe('order', () => {
  it('never has two requests under way for one recipient, so that the order of calls is the order of revs', async () => {
    server.before = async () => {
      await new Promise((resolve) => setTimeout(resolve, (server.seen.length * 5) % 8));
      return undefined;
    };
    const { notify } = sender();
    const calls: Promise<unknown>[] = [];
    for (let step = 0; step < 300; step++) {
      const audience = step % 50 === 49 ? { everyone: true as const } : { user: `user-${step % 7}` };
      calls.push(notify({ to: audience, type: 'step', data: { step } }));
      if (step % 5 === 4) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(calls);
    expect(server.overlaps).toBe(0);
    const heardBy = (user: string) =>
      server.stored
        .filter((item) => 'everyone' in item.to || ('user' in item.to && item.to.user === user))
        .map((item) => item.data?.step as number);
    for (const user of users(7)) expect(heardBy(user)).toEqual([...heardBy(user)].sort((a, b) => a - b));
    expect(server.stored).toHaveLength(300);
  });

  it('holds through requests that are cut off and repeated', async () => {
    server.before = () => (server.seen.length % 2 === 1 ? 'drop' : undefined);
    const { notify } = sender();
    const calls: Promise<unknown>[] = [];
    for (let step = 0; step < 60; step++) {
      calls.push(notify({ to: { user: `user-${step % 2}` }, type: 'step', data: { step } }));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(calls);
    for (const user of users(2)) {
      const steps = server.stored.flatMap((item) =>
        'user' in item.to && item.to.user === user ? [item.data?.step] : [],
      );
      expect(steps).toEqual([...steps].sort((a, b) => Number(a) - Number(b)));
      expect(steps).toHaveLength(30);
    }
    expect(server.batches.length).toBeGreaterThan(4);
  });

  it('lets other recipients go on while one waits for its answer', async () => {
    let release = () => {};
    server.before = ({ items }) =>
      items.some((item) => 'user' in item.to && item.to.user === 'slow')
        ? new Promise((resolve) => {
            release = () => resolve(undefined);
          })
        : undefined;
    const { notify } = sender();
    const slow = notify(to('slow'));
    await expect.poll(() => server.underWay).toBe(1);
    const second = notify(to('slow'));
    await notify(to('quick'));
    expect(server.batches).toHaveLength(2);
    release();
    await slow;
    await expect.poll(() => server.batches).toHaveLength(3);
    release();
    expect((await second).rev).toBeGreaterThan((await slow).rev);
  });

  it('takes an id and the same name for one recipient', async () => {
    let release = () => {};
    server.before = ({ items }) =>
      items[0]?.message === 'one'
        ? new Promise((resolve) => {
            release = () => resolve(undefined);
          })
        : undefined;
    const { notify } = sender();
    const first = notify({ to: { user: 7 }, message: 'one' });
    await expect.poll(() => server.underWay).toBe(1);
    const second = notify({ to: { usernames: ['7', 'other'] }, message: 'two' });
    await notify({ to: { user: 8 }, message: 'meanwhile' });
    release();
    await Promise.all([first, second]);
    expect(server.stored.map(({ message }) => message)).toEqual(['meanwhile', 'one', 'two']);
  });
});

describe('retries', () => {
  it('keep every key when the server is killed before its answer and comes back: nothing is stored twice or lost', async () => {
    const kills = [1, 3];
    server.after = async () => {
      if (server.batches.length !== kills[0]) return undefined;
      kills.shift();
      void server.kill().then(() => server.start());
      return 'drop';
    };
    const { notify } = sender();
    const names = users(2_500);
    const results = await Promise.all(names.map((user) => notify(to(user))));
    expect(kills).toEqual([]);
    expect(server.stored).toHaveLength(2_500);
    expect(new Set(results.map(({ id }) => id)).size).toBe(2_500);
    expect(results.some(({ duplicate }) => duplicate)).toBe(true);
    const sent = server.batches.flatMap(({ items }) => items);
    expect(sent.length).toBeGreaterThan(2_500);
    expect(new Set(sent.map((item) => item.idempotency_key)).size).toBe(2_500);
  });

  it('keep the key that the caller gave', async () => {
    const { notify } = sender();
    const once = { ...to('a'), idempotency_key: 'order-7' };
    const first = await notify(once);
    expect(await notify(once)).toEqual({ ...first, duplicate: true });
    expect(server.stored.map((item) => item.idempotency_key)).toEqual(['order-7']);
  });

  it('repeat only the items that failed for a while', async () => {
    const refused = new Set<string>();
    server.refuse = ({ idempotency_key, to: audience }) => {
      if (!('user' in audience) || audience.user !== 'user-2' || refused.has(idempotency_key)) return undefined;
      refused.add(idempotency_key);
      return { code: 'storage_full', message: 'the disk is full' };
    };
    const outcomes = await sender().notifyMany(users(4).map(to));
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(server.batches.map(({ items }) => items.length)).toEqual([4, 1]);
  });

  it.each([
    [503, 'unavailable'],
    [429, 'too_many'],
    [507, 'storage_full'],
  ])('follow a %i', async (status, code) => {
    server.before = () => (server.seen.length < 3 ? { status, body: { code, message: 'later' } } : undefined);
    await sender().notify(to('a'));
    expect(server.batches).toHaveLength(3);
  });

  it('wait as long as Retry-After says', async () => {
    const clock = new ManualClock();
    server.before = () =>
      server.seen.length === 1
        ? { status: 429, body: { code: 'too_many', message: 'slow down' }, headers: { 'retry-after': '7' } }
        : undefined;
    const sent = sender({}, clock).notify(to('a'));
    await clock.advance(2);
    await expect.poll(() => server.seen).toHaveLength(1);
    // The attempt's own timer ends when the answer is there.
    await expect.poll(() => clock.waiting).toBe(2);
    await clock.advance(6_900);
    expect(server.seen).toHaveLength(1);
    await clock.advance(200);
    await sent;
    expect(server.seen).toHaveLength(2);
  });

  it.each(['3600', '99999999999999999999'])(
    'are not made when the server asks for more time than the call has: %s s',
    async (asked) => {
      const body = { code: 'too_many', message: 'come back in an hour' };
      server.before = () => ({ status: 429, body, headers: { 'retry-after': asked } });
      const error = await failed(sender().notify(to('a')));
      expect(error).toMatchObject({ code: 'too_many', retryable: true });
      expect(error.message).toBe('come back in an hour. Given up after 1 attempt.');
    },
  );

  it('end at the deadline, saying that the outcome is unknown and by which key to repeat', async () => {
    const clock = new ManualClock();
    const reset = async () => {
      throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } });
    };
    const retry = { initialDelayMs: 1_000, maxDelayMs: 1_000 };
    const sent = failed(sender({ retry, fetch: reset }, clock).notify({ ...to('a'), idempotency_key: 'k-1' }));
    await clock.advance(30_000);
    const error = await sent;
    expect(error.code).toBe('unreachable');
    expect(error.message).toMatch(/Given up after [3-6]\d attempts\. Its outcome is unknown/);
    expect(error.message).toContain('Repeated with idempotency_key "k-1" it is stored once.');
  });

  it('make another attempt where one hangs', async () => {
    server.before = () => (server.seen.length === 1 ? 'hang' : undefined);
    await sender({ retry: { ...quick, attemptTimeoutMs: 50 } }).notify(to('a'));
    expect(server.batches).toHaveLength(2);
    const [first, second] = server.batches;
    expect(second?.items).toEqual(first?.items);
  });

  it('are not made for what cannot succeed', async () => {
    const error = await failed(sender({ apiKey: 'wrong' }).notify(to('a')));
    expect(error).toMatchObject({ code: 'unauthenticated', retryable: false, message: 'no such API key' });
    expect(server.seen).toHaveLength(1);
  });
});

describe('a server that is not there', () => {
  it('is named, with what to check, and nothing is said to be unknown', async () => {
    await server.kill();
    const once = { timeoutMs: 1_000, retry: { initialDelayMs: 5_000, maxDelayMs: 5_000 } };
    const error = await failed(sender(once).notify(to('a')));
    expect(error.code).toBe('unreachable');
    expect(error.message).toContain(`no Tidings server answered at ${server.url} (ECONNREFUSED): check that it runs`);
    expect(error.message).not.toContain('unknown');
  });

  it('is the reason for calls, too, that were never sent', async () => {
    await server.kill();
    const { notify } = sender({ timeoutMs: 1_000, retry: { initialDelayMs: 5_000, maxDelayMs: 5_000 } });
    const first = failed(notify(to('a')));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const error = await failed(notify(to('b')));
    expect(error.code).toBe('unreachable');
    expect(error.message).toContain('Not sent within 1 s.');
    await first;
  });

  it.each([
    ['a page', { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['JSON of somebody else', { status: 200, body: { hello: 'world' } }],
    ['too few results', { status: 200, body: { results: [] } }],
    ['a redirect', { status: 301, body: '', headers: { location: 'https://elsewhere.example/' } }],
    ['a 404 of somebody else', { status: 404, body: 'Not Found' }],
  ])('answers bad_response for %s', async (_, answer) => {
    server.before = () => answer;
    const error = await failed(sender().notify(to('a')));
    expect(error.code).toBe('bad_response');
    expect(error.message).toContain(`${server.url} answered ${answer.status}`);
    expect(server.seen).toHaveLength(1);
  });

  it('behind a proxy is tried again', async () => {
    server.before = () => (server.seen.length < 3 ? { status: 502, body: '<h1>Bad gateway</h1>' } : undefined);
    await sender().notify(to('a'));
    expect(server.seen).toHaveLength(3);
  });
});

describe('the 5 s of the functions that do not throw', () => {
  it('end a call that the server leaves unanswered: false, and the outcome is said to be unknown', async () => {
    const clock = new ManualClock();
    server.before = () => 'hang';
    const { wsSendMessage, lastError } = sender({}, clock);
    let answer: boolean | undefined;
    const sent = wsSendMessage('amadmin', 'Hello').then((stored) => {
      answer = stored;
    });
    await clock.advance(2);
    await expect.poll(() => server.seen).toHaveLength(1);
    await clock.advance(4_000);
    expect(answer).toBeUndefined();
    await clock.advance(1_000);
    await sent;
    expect(answer).toBe(false);
    expect(lastError()).toMatchObject({ code: 'timeout', retryable: true });
    expect(lastError()?.message).toContain('outcome is unknown');
  });

  it('end a call while the server is away: false, and the reason names it', async () => {
    const clock = new ManualClock();
    const gone = vi.fn(async () => {
      throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
    });
    const { wsSendMessage, lastError } = sender({ fetch: gone }, clock);
    const sent = wsSendMessage('amadmin', 'Hello');
    await clock.advance(5_000);
    expect(await sent).toBe(false);
    expect(lastError()?.code).toBe('unreachable');
    expect(gone.mock.calls.length).toBeGreaterThan(10);
  });

  it('hold over any port', async () => {
    const clock = new ManualClock();
    const never = () => new Promise<never>(() => {});
    const port = { ...httpPort(), publish: never, connectedUsers: never, connectionsOf: never };
    const { wsBroadcastMessage, getConnectedUsers, testWebsocketConnection } = createSenderOver(port, {
      clock,
      logger: { warn: () => {} },
    });
    const answers = Promise.all([
      wsBroadcastMessage('Hello', ['a', 'b']),
      getConnectedUsers(),
      testWebsocketConnection('a'),
    ]);
    await clock.advance(5_000);
    expect(await answers).toEqual([
      0,
      [],
      expect.objectContaining({ connected: false, error: expect.objectContaining({ code: 'timeout' }) }),
    ]);
  });

  it('do not fail over a logger that throws', async () => {
    const port = httpPort({ url: server.url, apiKey: 'wrong' });
    const logger = {
      warn: () => {
        throw new Error('the log is full');
      },
    };
    expect(await createSenderOver(port, { logger }).wsSendMessage('a', 'b')).toBe(false);
  });
});

describe('tasks', () => {
  it('start, report, read and cancel', async () => {
    const { tasks } = sender();
    const { task_id } = await tasks.start({ name: 'Import', owner: 42, total_steps: 5 });
    expect(task_id).toMatch(/./);
    expect(await tasks.report('a/b c', { progress: 45 })).toMatchObject({ progress: 45 });
    expect(server.seen.at(-1)).toMatchObject({ method: 'PATCH', path: '/api/v1/tasks/a%2Fb%20c' });
    expect(await tasks.get(task_id)).toMatchObject({ task_id, name: 'Import', owner: 42 });
    expect(await tasks.cancel(task_id)).toMatchObject({ cancel_requested: true });
    expect(await failed(tasks.get('unheard'))).toMatchObject({ code: 'not_found' });
    expect(await failed(tasks.report('..', { progress: 1 }))).toMatchObject({ code: 'bad_request' });
  });

  it('take their reports in order, those of one task never at once, through a server that drops answers', async () => {
    server.after = () => (server.seen.length % 3 === 0 ? 'drop' : undefined);
    const { tasks } = sender();
    const reports: Promise<unknown>[] = [];
    for (let step = 1; step <= 20; step++) {
      for (const id of ['one', 'two']) reports.push(tasks.report(id, { step_number: step }));
      if (step % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 3));
    }
    await Promise.all(reports);
    for (const id of ['one', 'two']) {
      const steps = reportsOn(id).map((report) => report.step_number as number);
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
      expect(steps.at(-1)).toBe(20);
    }
    expect(server.overlaps).toBe(0);
  });

  it('go out for many tasks at once, in no more than 100 requests', async () => {
    let most = 0;
    const many = Promise.withResolvers<void>();
    server.before = async () => {
      most = Math.max(most, server.underWay);
      if (most > 20) many.resolve();
      await many.promise;
      return undefined;
    };
    const { tasks } = sender();
    const ids = Array.from({ length: 300 }, (_, n) => `task-${n}`);
    await Promise.all(ids.flatMap((id) => [tasks.report(id, { progress: 1 }), tasks.report(id, { progress: 2 })]));
    expect(ids.map((id) => server.tasks.get(id)?.progress)).toEqual(ids.map(() => 2));
    expect(most).toBeGreaterThan(20);
    expect(most).toBeLessThanOrEqual(100);
  });

  it('wait between attempts for as long as they fail, even while other calls get through', async () => {
    const attempts: number[] = [];
    server.before = ({ path }) => {
      if (!path.endsWith('/tasks/bad')) return undefined;
      attempts.push(performance.now());
      return attempts.length < 6 ? { status: 503, body: { code: 'unavailable', message: 'later' } } : undefined;
    };
    const { tasks, notify } = sender();
    let isDone = false;
    const bad = tasks.report('bad', { progress: 1 }).then(() => (isDone = true));
    while (!isDone) await notify(to('ann'));
    await bad;
    // Half of 10, 20, 40, 40 and 40 ms at least.
    expect((attempts.at(-1) as number) - (attempts[0] as number)).toBeGreaterThanOrEqual(74);
  });

  it('keep the order of a start with an id and what follows it', async () => {
    server.before = () => (server.seen.length === 1 ? 'drop' : undefined);
    const { tasks } = sender();
    await Promise.all([
      tasks.start({ task_id: 'job', name: 'Job' }),
      tasks.report('job', { progress: 10 }),
      tasks.cancel('job'),
    ]);
    expect(server.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/v1/tasks',
      'POST /api/v1/tasks',
      'PATCH /api/v1/tasks/job',
      'POST /api/v1/tasks/job/cancel',
    ]);
  });
});

describe('reports that wait for their turn', () => {
  /** Holds the first report until it is released. */
  function held() {
    const first = Promise.withResolvers<undefined>();
    server.before = () => (server.seen.length === 1 ? first.promise : undefined);
    return () => first.resolve(undefined);
  }

  it('are merged field by field, and each caller is answered by the one that holds its report', async () => {
    const release = held();
    const { tasks } = sender();
    const first = tasks.report('one', { progress: 1 });
    const data = { rows: 1 };
    const others = [
      tasks.report('one', { progress: 2, step: 'Reading', data }),
      tasks.report('one', { message: 'Half of it' }),
      tasks.report('one', { progress: 3 }),
    ];
    data.rows = 2;
    await expect.poll(() => server.underWay).toBe(1);
    release();
    await first;
    const merged = { progress: 3, step: 'Reading', message: 'Half of it', data: { rows: 1 } };
    for (const answer of await Promise.all(others)) expect(answer).toMatchObject(merged);
    expect(reportsOn('one')).toEqual([expect.objectContaining({ progress: 1 }), expect.objectContaining(merged)]);
  });

  it('lose no transition, question or attempt by that', async () => {
    const release = held();
    const { tasks } = sender();
    const reports: TaskReport[] = [
      { status: 'processing' },
      { status: 'waiting' },
      { progress: 10 },
      { status: 'failed', error: 'No luck' },
      { status: 'processing', progress: 1 },
      { progress: 2, attempt: 2 },
      { progress: 3, attempt: 3 },
    ];
    const all = reports.map((report) => tasks.report('one', report));
    release();
    await Promise.all(all);
    // The end holds the progress that waited before it.
    expect(reportsOn('one').map(({ idempotency_key: _, ...report }) => report)).toEqual([
      { status: 'processing' },
      { status: 'waiting' },
      { progress: 10, status: 'failed', error: 'No luck' },
      { status: 'processing', progress: 1 },
      { progress: 2, attempt: 2 },
      { progress: 3, attempt: 3 },
    ]);
  });

  it('give way to the end of their task, which takes them in', async () => {
    const release = held();
    const { tasks } = sender();
    const all = [
      tasks.report('one', { status: 'processing', progress: 1 }),
      ...[2, 3, 4].map((progress) => tasks.report('one', { status: 'processing', progress, step: 'Booking' })),
      tasks.report('one', { status: 'completed', result: { rows: 7 } }),
    ];
    release();
    for (const answer of (await Promise.all(all)).slice(1)) expect(answer).toMatchObject({ status: 'completed' });
    expect(reportsOn('one')).toHaveLength(2);
    expect(reportsOn('one')[1]).toMatchObject({ status: 'completed', step: 'Booking', result: { rows: 7 } });
  });

  it('are sent with what has to be sent again, so that an end waits for no answer that never comes', async () => {
    server.before = () => (server.seen.length < 3 ? 'drop' : undefined);
    const { tasks } = sender();
    const all = [
      tasks.report('one', { progress: 1 }),
      tasks.report('one', { progress: 2 }),
      tasks.report('one', { status: 'completed' }),
    ];
    await Promise.all(all);
    expect(server.seen.map(({ fields }) => [fields?.progress, fields?.status])).toEqual([
      [1, undefined],
      [2, 'completed'],
      [2, 'completed'],
    ]);
  });

  it('fail alone where one of them is at fault', async () => {
    const release = held();
    const { tasks } = sender();
    const first = tasks.report('one', { progress: 0 });
    const others = Array.from({ length: 16 }, (_, n) =>
      tasks.report('one', { progress: n, ...(n === 5 ? { step_number: -1 } : {}) }),
    );
    server.before = ({ fields }) =>
      Number(fields?.step_number) < 0
        ? { status: 400, body: { code: 'bad_request', message: 'step_number must be >= 0; got -1' } }
        : undefined;
    release();
    await first;
    const outcomes = await Promise.allSettled(others);
    const failures = outcomes.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []));
    expect(failures).toEqual([5]);
    expect(reportsOn('one').at(-1)).toMatchObject({ progress: 15 });
  });

  it('end in a few requests however many there were, the last one always', async () => {
    const { tasks } = sender();
    const all = Array.from({ length: 2_000 }, (_, n) => tasks.report('one', { progress: n / 20, message: `${n}` }));
    all.push(tasks.report('one', { status: 'completed' }));
    await Promise.all(all);
    expect(server.seen.length).toBeLessThan(5);
    expect(server.tasks.get('one')).toMatchObject({ status: 'completed', message: '1999' });
  });
});

const reportsOn = (id: string) => (server.tasks.get(id)?.reports ?? []) as Record<string, unknown>[];

describe('connections', () => {
  it('list who is connected, and whether a probe came back', async () => {
    const { getConnectedUsers, testWebsocketConnection } = sender();
    expect(await getConnectedUsers()).toEqual([{ user_id: '42', username: 'amadmin', connections: 2 }]);
    expect(await testWebsocketConnection('amadmin')).toMatchObject({
      user_id: '42',
      connected: true,
      answered: true,
      connections: [{ session_id: 's1', round_trip_ms: 3 }],
      error: null,
    });
  });
});

describe('close', () => {
  it('sends what waits, and refuses what comes after', async () => {
    const { notify, close, wsSendMessage, lastError } = sender();
    const sent = Promise.all([notify(to('a')), notify(to('b'))]);
    await close();
    expect(server.stored).toHaveLength(2);
    expect(await sent).toHaveLength(2);
    expect(await failed(notify(to('c')))).toMatchObject({ code: 'unavailable', retryable: false });
    expect(await wsSendMessage('c', 'late')).toBe(false);
    expect(lastError()?.message).toContain('this sender is closed');
  });

  it('leaves no timer behind', async () => {
    const clock = new ManualClock();
    const { notify, close } = sender({}, clock);
    const sent = notify(to('a'));
    await close();
    await sent;
    expect(clock.waiting).toBe(0);
  });
});
