import { TidingsError } from '@tidings/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Clock, systemClock } from '../clock.ts';
import { endpointSource } from '../config/endpoint.ts';
import { httpPort } from '../http/http-port.ts';
import { createSenderOver } from '../sender-api.ts';
import { ContractServer } from '../testing/contract-server.ts';
import { ManualClock } from '../testing/manual-clock.ts';

let server: ContractServer;
const logged: string[] = [];
beforeEach(async () => {
  logged.length = 0;
  server = await new ContractServer().start();
});
afterEach(() => server.kill());

function sender(clock: Clock = systemClock) {
  const options = { url: server.url, apiKey: server.apiKey };
  const logger = { warn: (text: string) => logged.push(text) };
  return createSenderOver(httpPort(options, endpointSource(options), clock), { clock, logger });
}

const actions = [{ id: 'approve', label: 'Approve', style: 'primary' as const }];
const question = { to: { user: 42 }, title: 'Transfer 7', actions };
const asked = (path: string) => server.seen.filter((seen) => seen.path.startsWith(`/api/v1${path}`)).length;
/** Until the server holds a long poll of this path, the nth. */
const held = (path: string, count = 1) => expect.poll(() => asked(path)).toBe(count);
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

describe('onAnswer', () => {
  it('hands each answer to the handler, in order, with what was chosen', async () => {
    const { notify, notifications, close } = sender();
    const received: unknown[] = [];
    notifications.onAnswer((answer) => received.push(answer));
    await held('/answers', 2);
    const ids = [(await notify(question)).id, (await notify(question)).id];
    const first = server.sent.answer(ids[0] as string, 'approve');
    const second = server.sent.answer(ids[1] as string, 'reject', 'Too much');
    await expect.poll(() => received).toEqual([first, second]);
    expect(second).toMatchObject({ action_id: 'reject', username: 'amadmin', comment: 'Too much' });
    await close();
    expect(logged).toEqual([]);
  });

  it('begins now, or after the rev it is given', async () => {
    const { notify, notifications, close } = sender();
    const { id } = await notify(question);
    const old = server.sent.answer(id, 'approve');
    const late = server.sent.answer(id, 'reject');
    const fromNow: number[] = [];
    const fromOld: number[] = [];
    notifications.onAnswer(({ rev }) => fromNow.push(rev));
    notifications.onAnswer(({ rev }) => fromOld.push(rev), { after: old.rev });
    await expect.poll(() => fromOld).toEqual([late.rev]);
    await held('/answers?after=', 3);
    const next = server.sent.answer(id, 'approve');
    await expect.poll(() => [fromNow, fromOld]).toEqual([[next.rev], [late.rev, next.rev]]);
    await close();
  });

  it('waits for the handler, and gives it the same answer again when it failed', async () => {
    const clock = new ManualClock();
    const { notify, notifications, close } = sender(clock);
    const sent = notify(question);
    await clock.advance(10);
    const { id } = await sent;
    const received: string[] = [];
    let failures = 2;
    notifications.onAnswer(
      async ({ action_id }) => {
        received.push(`${action_id} begins`);
        await null;
        if (action_id === 'first' && failures-- > 0) throw new Error('the database is away');
        received.push(`${action_id} ends`);
      },
      { after: 0 },
    );
    server.sent.answer(id, 'first');
    server.sent.answer(id, 'second');
    await expect.poll(() => logged).toHaveLength(1);
    expect(received).toEqual(['first begins']);
    await clock.advance(2_000);
    await expect.poll(() => received).toHaveLength(6);
    expect(received.slice(1)).toEqual(['first begins', 'first begins', 'first ends', 'second begins', 'second ends']);
    expect(logged).toEqual([
      `tidings: notifications.onAnswer: the handler failed on the answer to notification ${id}, and gets it again: the database is away (internal)`,
    ]);
    await close();
  });

  it('goes on where it was when the server is killed and comes back, and tells each reason once', async () => {
    const clock = new ManualClock();
    const { notifications, close } = sender(clock);
    const received: number[] = [];
    notifications.onAnswer(({ rev }) => received.push(rev), { after: 0 });
    await held('/answers');
    await server.kill();
    await expect.poll(() => logged).toHaveLength(1);
    await vi.waitFor(async () => {
      await clock.advance(2_000);
      expect(logged.at(-1)).toContain(`no Tidings server answered at ${server.url} (ECONNREFUSED)`);
    }, 20_000);
    const count = logged.length;
    for (let minute = 0; minute < 5; minute++) await clock.advance(60_000);
    expect(logged).toHaveLength(count);
    const missed = server.sent.answer('n1', 'approve');
    await server.start();
    await vi.waitFor(async () => {
      await clock.advance(30_000);
      expect(received).toEqual([missed.rev]);
    }, 20_000);
    await close();
  });

  it('does not ask without pause where the server does not wait', async () => {
    const clock = new ManualClock();
    server.sent.holdsPolls = false;
    const { notifications, close } = sender(clock);
    notifications.onAnswer(() => {}, { after: 0 });
    for (let second = 1; second <= 5; second++) {
      await held('/answers', second);
      // The timer that is left is the pause: the attempt's own timers end with its answer.
      await expect.poll(() => clock.waiting).toBe(1);
      await clock.advance(1_000);
    }
    await close();
    await expect.poll(() => clock.waiting).toBe(0);
  });

  it('ends by the function it returns, and by close, in the middle of a page too', async () => {
    const { notify, notifications, close } = sender();
    const { id } = await notify(question);
    for (const action of ['one', 'two', 'three']) server.sent.answer(id, action);
    const received: string[] = [];
    const stop = notifications.onAnswer(
      ({ action_id }) => {
        received.push(action_id);
        if (action_id === 'two') stop();
      },
      { after: 0 },
    );
    await expect.poll(() => received).toEqual(['one', 'two']);
    notifications.onAnswer(() => {}, { after: 100 });
    await held('/answers?after=100');
    await close();
    await expect.poll(() => server.connections).toBe(0);
    expect(received).toEqual(['one', 'two']);
    expect(() => notifications.onAnswer(() => {})).toThrow('this sender is closed');
    expect(logged).toEqual([]);
  });
});

describe('waitForAnswer', () => {
  it('resolves with the answer, given before or later', async () => {
    const { notify, notifications } = sender();
    const { id } = await notify(question);
    const later = notifications.waitForAnswer(id);
    await held(`/notifications/${id}`);
    server.sent.answer(id, 'approve', 'Fine');
    const answer = { action_id: 'approve', user_id: '42', username: 'amadmin', comment: 'Fine' };
    expect(await later).toMatchObject(answer);
    expect(await notifications.waitForAnswer(id)).toMatchObject(answer);
    expect(server.seen.at(-1)?.path).toBe(`/api/v1/notifications/${id}?wait=25`);
  });

  it('waits on for one that is scheduled, past edits and a restart of the server', async () => {
    const clock = new ManualClock();
    const { notify, notifications } = sender(clock);
    const sent = notify({ ...question, deliver_at: '2026-12-01T08:00:00Z' });
    await clock.advance(10);
    const { id } = await sent;
    const answer = notifications.waitForAnswer(id);
    await held(`/notifications/${id}`);
    await server.kill();
    await expect.poll(() => logged).toHaveLength(1);
    await server.start();
    await clock.advance(1_000);
    await held(`/notifications/${id}`, 2);
    server.sent.change(id, { status: 'live' });
    await clock.advance(1_000);
    server.sent.answer(id, 'approve');
    expect(await answer).toMatchObject({ action_id: 'approve' });
  });

  it('gives up in time, and leaves nothing behind', async () => {
    const clock = new ManualClock();
    const { notify, notifications } = sender(clock);
    const sent = notify(question);
    await clock.advance(10);
    const { id } = await sent;
    const failure = failureOf(notifications.waitForAnswer(id, { timeoutMs: 60_000 }));
    await held(`/notifications/${id}`);
    await clock.advance(60_000);
    expect(await failure).toMatchObject({ code: 'timeout', message: `nobody answered notification ${id} within 60 s` });
    await expect.poll(() => clock.waiting).toBe(0);
  });

  it.each([
    [{ status: 'retracted', frame: null }, 'was retracted, and nobody can answer it'],
    [{ status: 'expired' }, 'has expired, and nobody can answer it'],
  ] as const)('ends where it becomes %o', async (change, text) => {
    const { notify, notifications } = sender();
    const { id } = await notify(question);
    const failure = failureOf(notifications.waitForAnswer(id));
    await held(`/notifications/${id}`);
    server.sent.change(id, change);
    expect(await failure).toMatchObject({ code: 'conflict', message: `notification ${id} ${text}` });
  });

  it('refuses what has no buttons, and what is not known', async () => {
    const { notify, notifications } = sender();
    const { id } = await notify({ to: { user: 42 }, message: 'Hello' });
    expect(await failureOf(notifications.waitForAnswer(id))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('has no actions'),
    });
    expect(await failureOf(notifications.waitForAnswer('n9'))).toMatchObject({ code: 'not_found' });
  });

  it('ends when the sender is closed', async () => {
    const { notify, notifications, close } = sender();
    const { id } = await notify(question);
    const failure = failureOf(notifications.waitForAnswer(id));
    await held(`/notifications/${id}`);
    await close();
    expect(await failure).toBeInstanceOf(TidingsError);
    expect(await failure).toMatchObject({ code: 'unavailable', message: expect.stringContaining('closed') });
    await expect.poll(() => server.connections).toBe(0);
  });
});
