import pg from 'pg';
import { describe, expect, type TestContext, test as vitestTest } from 'vitest';
import { FaultyProxy } from '../../../testing/faulty-proxy.ts';
import { PgBouncer } from '../../../testing/pgbouncer.ts';
import { TestDatabase } from '../../../testing/postgres.ts';
import { PostgresServer } from '../../../testing/postgres-server.ts';
import { until } from '../../../testing/world.ts';
import { PostgresAddress } from '../../store/postgres/address.ts';
import type { TelemetryEvent } from '../../telemetry/events.ts';
import { PostgresBus } from './bus.ts';

// They wait, for what is silent or comes late, and have nothing in common.
const test = vitestTest.concurrent;

type OnTestFinished = TestContext['onTestFinished'];

async function makeDatabase(onTestFinished: OnTestFinished): Promise<TestDatabase> {
  const database = await TestDatabase.createEmpty();
  onTestFinished(() => database.drop());
  return database;
}

/** A node, what it was told, and how often it was connected. */
class Node {
  readonly events: TelemetryEvent[] = [];
  readonly texts: string[] = [];
  connected = 0;
  readonly bus: PostgresBus;

  constructor(url: string, onTestFinished: OnTestFinished) {
    this.bus = new PostgresBus(new PostgresAddress(url), { emit: (event) => void this.events.push(event) });
    this.bus.onMessage((message) => message.kind === 'text' && this.texts.push(message.text));
    this.bus.onConnected(() => this.connected++);
    onTestFinished(() => this.bus.close());
  }

  static async open(url: string, onTestFinished: OnTestFinished): Promise<Node> {
    const node = new Node(url, onTestFinished);
    await node.bus.open();
    await until(() => node.events.length > 0);
    return node;
  }

  get lost() {
    return this.events.filter((event) => event.type === 'broker_lost');
  }

  send(text: string): void {
    this.bus.send({ kind: 'text', channel: 'a', text });
  }
}

/** Sends from one to the other until something arrives; returns how long that took, ms. */
async function untilHeard(from: Node, to: Node): Promise<number> {
  const [begun, before] = [performance.now(), to.texts.length];
  for (let n = 0; to.texts.length === before; n++) {
    from.send(`${begun} ${n}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (performance.now() - begun > 40_000) throw new Error('nothing was heard for 40 s');
  }
  return performance.now() - begun;
}

async function proxied(url: string, onTestFinished: OnTestFinished) {
  const through = new URL(url);
  const proxy = await FaultyProxy.to(Number(through.port));
  onTestFinished(() => proxy.close());
  through.port = String(proxy.port);
  return { proxy, url: through.href };
}

describe.concurrent('a node is heard again, and knows that it may have missed something, after its connections', () => {
  test.for<[string, (at: { proxy: FaultyProxy; database: TestDatabase }) => unknown]>([
    ['were cut', ({ proxy }) => proxy.cut()],
    [
      'were ended by the server',
      ({ database }) =>
        database.onServer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database.name}'
          and application_name = 'tidings'`),
    ],
  ])('%s', async ([, fault], { onTestFinished }) => {
    const database = await makeDatabase(onTestFinished);
    const { proxy, url } = await proxied(database.url, onTestFinished);
    const [near, far] = [await Node.open(url, onTestFinished), await Node.open(database.url, onTestFinished)];
    await untilHeard(far, near);
    await fault({ proxy, database });
    await until(() => near.connected === 2);
    await untilHeard(far, near);
    await untilHeard(near, far);
    expect(near.events.map(({ type }) => type)).toEqual(['broker_connected', 'broker_lost', 'broker_connected']);
    expect(near.bus.health()).toEqual({ ok: true, reason: null });
  });

  test('went silent without being closed', async ({ onTestFinished }) => {
    const database = await makeDatabase(onTestFinished);
    const { proxy, url } = await proxied(database.url, onTestFinished);
    const [near, far] = [await Node.open(url, onTestFinished), await Node.open(database.url, onTestFinished)];
    proxy.silence();
    await until(() => near.lost.length === 1);
    expect(near.bus.health()).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/no notification came back|failed/),
    });
    proxy.speak();
    await until(() => near.connected === 2);
    await untilHeard(far, near);
    await untilHeard(near, far);
  }, 40_000);
});

test('a connection on which everything comes late is heard late, and not given up', async ({ onTestFinished }) => {
  const database = await makeDatabase(onTestFinished);
  const { proxy, url } = await proxied(database.url, onTestFinished);
  proxy.delay(300);
  const far = await Node.open(database.url, onTestFinished);
  const near = new Node(url, onTestFinished);
  await near.bus.open();
  await until(() => near.connected === 1);
  far.send('late');
  await until(() => near.texts.includes('late'));
  // Longer than a notification of its own may stay away.
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  expect(near.events.map(({ type }) => type)).toEqual(['broker_connected']);
}, 40_000);

test('a database that is stopped or crashes, and comes back: it is said once, and heard again', async ({
  onTestFinished,
}) => {
  const server = await PostgresServer.start();
  onTestFinished(() => server.remove());
  const [one, other] = [
    await Node.open(server.url('postgres'), onTestFinished),
    await Node.open(server.url('postgres'), onTestFinished),
  ];
  for (const [n, end] of [() => server.stop(), () => server.crash()].entries()) {
    await end();
    await until(() => one.lost.length === n + 1);
    expect(one.bus.health().reason).toMatch(/other nodes are not heard: the connection for LISTEN or NOTIFY failed/);
    await until(() => /no PostgreSQL answers there \(ECONNREFUSED\)/.test(one.bus.health().reason ?? ''));
    expect(one.bus.health().reason, 'anybody may ask for it').not.toMatch(/127\.0\.0\.1|:\d/);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.resume();
    await until(() => one.connected === n + 2 && other.connected === n + 2);
    await untilHeard(one, other);
    await untilHeard(other, one);
    expect(one.lost).toHaveLength(n + 1);
  }
}, 60_000);

test('a database that is not there at the start is waited for', async ({ onTestFinished }) => {
  const server = await PostgresServer.start();
  onTestFinished(() => server.remove());
  await server.stop();
  const node = await Node.open(server.url('postgres'), onTestFinished);
  expect(node.lost).toHaveLength(1);
  await server.resume();
  await until(() => node.connected === 1);
}, 40_000);

test('closing waits for no server that does not answer', async ({ onTestFinished }) => {
  const database = await makeDatabase(onTestFinished);
  const { proxy, url } = await proxied(database.url, onTestFinished);
  const node = await Node.open(url, onTestFinished);
  proxy.silence();
  proxy.cut();
  // By then a connection is being made that nobody answers.
  await until(() => node.lost.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const begun = performance.now();
  await node.bus.close();
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test('a pooler that gives a session its connection is heard through', async ({ onTestFinished }) => {
  const database = await makeDatabase(onTestFinished);
  const pooler = await PgBouncer.start(database.url, 'session');
  onTestFinished(() => pooler.stop());
  const [near, far] = [
    await Node.open(pooler.url(database.url), onTestFinished),
    await Node.open(database.url, onTestFinished),
  ];
  await untilHeard(far, near);
  await untilHeard(near, far);
  expect(near.lost).toEqual([]);
});

test('a pooler through which nothing is heard is named, with what to do, and nothing is left listening behind it', async ({
  onTestFinished,
}) => {
  const database = await makeDatabase(onTestFinished);
  const pooler = await PgBouncer.start(database.url, 'transaction');
  onTestFinished(() => pooler.stop());
  const [near, far] = [
    await Node.open(pooler.url(database.url), onTestFinished),
    await Node.open(database.url, onTestFinished),
  ];
  expect(near.lost).toMatchObject([
    { reason: expect.stringMatching(/pooler/), todo: expect.stringMatching(/pool_mode = session/) },
  ]);
  expect(near.bus.health()).toMatchObject({ ok: false, reason: expect.stringMatching(/pool_mode = transaction/) });
  const client = new pg.Client(pooler.url(database.url));
  await client.connect();
  onTestFinished(() => client.end());
  for (let n = 0; n < 8; n++) {
    expect((await client.query('select pg_listening_channels() as channel')).rows).toEqual([]);
  }
  // The others hear it all the same.
  await untilHeard(near, far);
  expect(near.texts).toEqual([]);
});

test('nodes whose tables are in different schemas of a database do not hear each other', async ({ onTestFinished }) => {
  const database = await makeDatabase(onTestFinished);
  await database.query('create schema other');
  const [one, other] = [
    await Node.open(database.url, onTestFinished),
    await Node.open(`${database.url}?options=-csearch_path%3Dother`, onTestFinished),
  ];
  const third = await Node.open(database.url, onTestFinished);
  other.send('from the other schema');
  await untilHeard(one, third);
  expect(third.texts).not.toContain('from the other schema');
  expect(other.texts).toEqual([]);
});

test('messages that are sent at once arrive in order, and what others notify on the channel is passed over', async ({
  onTestFinished,
}) => {
  const database = await makeDatabase(onTestFinished);
  const [one, other] = [await Node.open(database.url, onTestFinished), await Node.open(database.url, onTestFinished)];
  await database.query(`select pg_notify(channel, 'x') from (select 'tidings_' ||
    left(encode(sha256('public'::bytea), 'hex'), 24) as channel) c`);
  const sent = Array.from({ length: 2_000 }, (_, n) => `${n}`);
  for (const text of sent) one.send(text);
  await until(() => other.texts.length === sent.length);
  expect(other.texts).toEqual(sent);
});
