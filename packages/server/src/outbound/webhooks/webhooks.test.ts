import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { databases } from '../../../testing/databases.ts';
import { clockAt } from '../../../testing/manual-clock.ts';
import { openerOf, type WhenFinished } from '../../../testing/store-fixture.ts';
import { identity, TaskNode } from '../../../testing/task-node.ts';
import { until } from '../../../testing/world.ts';
import { answerNotification, answersSince } from '../../commands/answers.ts';
import type { ConsumerLease } from '../../domain/deliveries.ts';
import type { Store } from '../../domain/ports.ts';
import { HttpClient } from '../../http-client/http-client.ts';
import type { TelemetryEvent } from '../../telemetry/events.ts';
import { Outbound } from '../outbound.ts';
import { CallbackOrigins } from './callback-origins.ts';
import { Signature } from './signature.ts';
import { WebhookChannel } from './webhook-channel.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const hour = 3_600_000;

/** An application that is posted answers to, and answers as each test would have it. */
async function receiver(whenFinished: WhenFinished) {
  const got: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];
  let reply = (response: ServerResponse): unknown => response.writeHead(204).end();
  const server = createServer(async (request, response) => {
    got.push({ path: request.url ?? '', headers: request.headers, body: await text(request) });
    reply(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  whenFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answering = (how: typeof reply) => {
    reply = how;
  };
  return { got, origin, url: `${origin}/answers`, answering, server };
}

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    response.writeHead(code, headers).end('no');

describe.each(databases)('callbacks, on $name', ({ fixture }) => {
  const open = openerOf(fixture);
  async function start(whenFinished: WhenFinished) {
    const opened = await open(whenFinished);
    const { store, clock } = opened;
    // Receivers compare with the time they have.
    clock.now = Date.now();
    const node = await TaskNode.begin(store, clock);
    whenFinished(() => node.stop());
    const there = await receiver(whenFinished);
    const told: TelemetryEvent[] = [];
    function poster(of: Store = store, over: { origins?: string[]; timeout?: number; closeMs?: number } = {}) {
      const { origins: allowed = [there.origin], timeout: timeoutMs = 5_000, closeMs = 5_000 } = over;
      const origins = new CallbackOrigins(allowed, { isDevelopment: false, canSign: true });
      const time = clockAt(() => clock.now);
      const telemetry = { emit: (event: TelemetryEvent) => void told.push(event) };
      const signature = new Signature(secret);
      const http = new HttpClient(origins.allowsAddress);
      const webhooks = new Outbound(
        new WebhookChannel({ store: of, clock: time, telemetry, origins, http, signature, timeoutMs }),
        { store: of, clock: time, telemetry, closeMs },
      );
      whenFinished(() => webhooks.close());
      return {
        webhooks,
        async post() {
          webhooks.wake();
          await webhooks.idle();
        },
      };
    }
    async function answered(url = there.url) {
      const { id } = await node.notify({ actions: [{ id: 'approve', label: 'Approve' }], callback_url: url });
      await answerNotification(node.context, identity('ann'), { id, action_id: 'approve', comment: 'Fine' });
      return id;
    }
    return { ...opened, ...there, node, told, poster, answered };
  }

  test('an answer is posted once, signed, as it is listed', async ({ onTestFinished }) => {
    const { node, poster, answered, got } = await start(onTestFinished);
    const [first, second] = [await answered(), await answered()];
    const { post } = poster();
    await post();
    await post();
    expect(got.map(({ path }) => path)).toEqual(['/answers', '/answers']);
    const { items } = await answersSince(node.context, { after: 0, limit: 10 }, { ms: 0 });
    const events = got.map(({ headers, body }) => {
      expect(headers['content-type']).toBe('application/json');
      return new Webhook(secret).verify(body, headers as Record<string, string>) as { data: { rev: number } };
    });
    expect(events.sort((a, b) => a.data.rev - b.data.rev)).toEqual(
      items.map((data) => ({ type: 'notification.answered', timestamp: data.answered_at, data })),
    );
    expect(items.map(({ id }) => id)).toEqual([first, second]);
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  });

  test('what fails is posted again, later and later, until it is taken, under the same id', async ({
    onTestFinished,
  }) => {
    const { poster, answered, answering, got, clock, told } = await start(onTestFinished);
    const { post } = poster();
    await answered();
    for (const [code, pause] of [
      [500, 5_000],
      [404, 30_000],
      [429, 120_000],
    ] as const) {
      answering(status(code));
      const before = got.length;
      await post();
      expect(got).toHaveLength(before + 1);
      expect(told.at(-1)).toMatchObject({ type: 'callback_failed', attempt: before + 1, again_in_ms: pause });
      clock.now += pause - 1;
      await post();
      expect(got).toHaveLength(before + 1);
      clock.now += 1;
    }
    answering(status(200));
    await post();
    clock.now += 24 * hour;
    await post();
    expect(got).toHaveLength(4);
    expect(new Set(got.map(({ headers, body }) => headers['webhook-id'] + body)).size).toBe(1);
  });

  test('a receiver that is gone is posted to no more, and one that asks for time is given it', async ({
    onTestFinished,
  }) => {
    const { poster, answered, answering, got, clock, told } = await start(onTestFinished);
    const { post } = poster();
    await answered();
    for (const [wait, pause] of [
      ['90', 90_000],
      // No sooner than it would be posted anyway, no later than in four hours, and whatever else it says.
      ['1', 30_000],
      [new Date(clock.now + 90_000 + 30_000 + hour).toUTCString(), hour],
      ['999999', 4 * hour],
      ['999999999999', 4 * hour],
      ['9'.repeat(20), 4 * hour],
      ['soon', 7_200_000],
    ] as const) {
      answering(status(503, { 'retry-after': wait }));
      await post();
      const [last] = told.slice(-1);
      const { again_in_ms } = last as Extract<TelemetryEvent, { type: 'callback_failed' }>;
      // A date has whole seconds.
      expect(Math.abs(again_in_ms - pause), wait).toBeLessThan(1_000);
      clock.now += again_in_ms;
    }
    answering(status(410));
    await post();
    expect(told.at(-1)).toMatchObject({ type: 'callback_given_up', reason: 'it answered 410: it wants no more' });
    clock.now += 4 * hour;
    await post();
    expect(got).toHaveLength(8);
  });

  test('a receiver that is away, redirects, is silent or is not allowed any more has it later', async ({
    onTestFinished,
  }) => {
    const { poster, answered, answering, got, clock, told, origin, server } = await start(onTestFinished);
    const reasons = () => told.map((event) => (event.type === 'callback_failed' ? event.reason : event.type));
    await answered();
    await poster(undefined, { origins: [] }).post();
    expect(reasons().at(-1)).toContain("not among the server's callbacks.origins");
    clock.now += hour;
    answering(status(307, { location: `${origin}/elsewhere` }));
    await poster().post();
    expect(reasons().at(-1)).toBe('it answered 307; redirects are not followed');
    clock.now += hour;
    answering(() => {});
    await poster(undefined, { timeout: 50 }).post();
    expect(reasons().at(-1)).toBe('it did not answer within 0.05 s');
    clock.now += hour;
    const { port } = server.address() as AddressInfo;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await poster().post();
    expect(reasons().at(-1)).toBe('ECONNREFUSED');
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    answering(status(204));
    clock.now += hour;
    await poster().post();
    expect(got.map(({ path }) => path)).toEqual(['/answers', '/answers', '/answers']);
    expect(told).toHaveLength(4);
  });

  test('a receiver that never answers has four posts under way, and holds up no other, nor do its retries', async ({
    onTestFinished,
  }) => {
    const { poster, answered, answering, got, clock, origin } = await start(onTestFinished);
    const open = new Set<ServerResponse>();
    let most = 0;
    const silent = await receiver(onTestFinished);
    const stayOpen = (response: ServerResponse) => {
      open.add(response);
      most = Math.max(most, open.size);
    };
    silent.answering(stayOpen);
    const { webhooks } = poster(undefined, { origins: [origin, silent.origin], timeout: 30_000, closeMs: 0 });
    for (let n = 0; n < 20; n++) await answered(`${silent.url}/${n}`);
    await answered();
    webhooks.wake();
    await until(() => got.length === 1 && silent.got.length === 4);
    silent.answering(status(503));
    for (const response of open) response.writeHead(503).end();
    await webhooks.idle();
    expect(silent.got).toHaveLength(20);

    open.clear();
    silent.answering(stayOpen);
    clock.now += hour;
    answering(status(204));
    await answered();
    webhooks.wake();
    await until(() => got.length === 2 && silent.got.length === 24);
    expect(most).toBe(4);
  });

  test('an answer without end is not read', async ({ onTestFinished }) => {
    const { poster, answered, answering, clock, got } = await start(onTestFinished);
    let isCut = false;
    answering((response) => {
      response.writeHead(200);
      response.on('close', () => {
        isCut = true;
      });
      const more = () => !isCut && response.write('x'.repeat(65_536), () => setImmediate(more));
      more();
    });
    await answered();
    await poster().post();
    await until(() => isCut);
    clock.now += 24 * hour;
    await poster().post();
    expect(got).toHaveLength(1);
  });

  test('after a day it is given up, and that is told', async ({ onTestFinished }) => {
    const { poster, answered, answering, got, clock, told } = await start(onTestFinished);
    answering(status(503));
    const { post } = poster();
    const id = await answered();
    for (let n = 0; n < 30; n++) {
      await post();
      clock.now += 4 * hour;
    }
    expect(told.at(-1)).toMatchObject({
      ...{ type: 'callback_given_up', callback: expect.stringContaining(id), reason: 'it answered 503' },
    });
    expect(told.filter(({ type }) => type === 'callback_given_up')).toHaveLength(1);
    expect(got).toHaveLength(7);
  });

  test('of two nodes one posts, and the other does where that one is gone', async ({ onTestFinished }) => {
    const { poster, answered, another, store, got, clock, url, origin } = await start(onTestFinished);
    const [here, there] = [poster(store), poster(await another())];
    await Promise.all(Array.from({ length: 20 }, () => answered()));
    await Promise.all([here.post(), there.post(), here.post(), there.post()]);
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(20);
    expect(got).toHaveLength(20);
    clock.now += 30_000;
    await answered();
    // A node that reads no further, and one that never sends what it took.
    const lease = await store.leaseConsumer('webhooks', 30_000);
    await there.post();
    expect(got).toHaveLength(20);
    clock.now += 30_000;
    const other = await (await another()).leaseConsumer('webhooks', 1_000);
    const delivery = { id: 'late', channel: 'webhooks', target: url, receiver: origin, body: '{}', at: clock.now };
    expect(await store.advanceConsumer(lease as ConsumerLease, 1_000, [delivery], 30_000)).toBe(false);
    await store.releaseConsumer(other as ConsumerLease);
    await here.webhooks.close();
    await there.post();
    expect(got).toHaveLength(21);
    await answered();
    there.webhooks.changed();
    await store.takeDeliveries('webhooks', origin, 10, 30_000);
    await there.post();
    clock.now += 30_000;
    await there.post();
    expect(got).toHaveLength(22);
    expect(got.some(({ headers }) => headers['webhook-id'] === 'late')).toBe(false);
  });

  test('closing waits for no receiver without end, and leaves what is under way to be posted at once', async ({
    onTestFinished,
  }) => {
    const { poster, answered, answering, got } = await start(onTestFinished);
    answering(() => {});
    await answered();
    const { webhooks, post } = poster(undefined, { closeMs: 20 });
    const done = post();
    await until(() => got.length === 1);
    await webhooks.close();
    await done;
    answering(status(204));
    await poster().post();
    expect(got).toHaveLength(2);
  });
});
