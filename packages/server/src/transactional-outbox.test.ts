import { toOutbox } from '@tidings/sender';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { TestDatabase } from '../testing/postgres.ts';
import { RunningServer } from '../testing/running-server.ts';
import type { Telemetry, TelemetryEvent } from './telemetry/events.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** Servers on one database, and the application's own connections to it. */
async function start(count: number, telemetry?: Telemetry) {
  const database = await TestDatabase.create();
  cleanups.push(() => database.drop());
  const urls = Array.from({ length: count }, (_, n) => `${database.url}?application_name=node-${n}`);
  const all = await Promise.all(urls.map((url) => RunningServer.start({ database: url, telemetry })));
  for (const server of all) cleanups.push(() => server.stop());
  const application = async () => {
    const client = new pg.Client(database.url);
    await client.connect();
    cleanups.push(() => client.end());
    return client;
  };
  const left = async () => (await database.query('select item, error from tidings_outbox order by id')) as object[];
  return { database, application, left, servers: all as [RunningServer, ...RunningServer[]] };
}

const to = { user: 'ann' };

test('what an application leaves in its transaction is published when that commits, in order and once, and never when it does not', async () => {
  const { application, left, servers } = await start(2);
  const sockets = await Promise.all(servers.map((server) => server.join('ann')));
  const [client, another] = [await application(), await application()];
  await another.query('begin');
  await another.query(toOutbox({ to, title: 'undone' }));
  await client.query('create table transfers (id int)');
  await client.query('begin');
  for (let n = 0; n < 1_200; n++) await client.query(toOutbox({ to, title: `t${n}` }));
  await client.query('insert into transfers values (1)');
  await client.query('commit');
  await another.query('rollback');
  const expected = Array.from({ length: 1_200 }, (_, n) => `t${n}`);
  for (const socket of sockets) {
    await socket.got('user_notification', expected.length);
    expect(socket.of('user_notification').map(({ title }) => title)).toEqual(expected);
  }
  expect(await left()).toEqual([]);
  const { body } = await servers[0].callAs('ann', 'GET', '/api/v1/inbox/unread_count');
  expect(body.unread_count).toBe(1_200);
});

test('nodes of which one is slow to take what was left publish it in order all the same', async () => {
  const { database, application, left, servers } = await start(2);
  const socket = await servers[0].join('ann');
  await database.query(`
    create function be_slow() returns trigger language plpgsql as $$
    begin
      if current_setting('application_name') = 'node-0' then perform pg_sleep(0.2); end if;
      return null;
    end $$;
    create trigger slow after update on tidings_outbox execute function be_slow()`);
  const client = await application();
  const expected: string[] = [];
  for (let batch = 0; batch < 6; batch++) {
    const titles = Array.from({ length: 600 }, (_, n) => `t${batch}-${n}`);
    expected.push(...titles);
    await client.query(
      `insert into tidings_outbox (item)
       select json_build_object('to', json_build_object('user', 'ann'), 'title', title) from unnest($1::text[]) title`,
      [titles],
    );
  }
  await socket.got('user_notification', expected.length);
  expect(socket.of('user_notification').map(({ title }) => title)).toEqual(expected);
  expect(await left()).toEqual([]);
});

test('what cannot be published stays with the reason, which is told, and holds nobody up', async () => {
  const told: TelemetryEvent[] = [];
  const { application, left, servers } = await start(1, { emit: (event) => void told.push(event) });
  const socket = await servers[0].join('ann');
  const client = await application();
  const numbered = '{"to":{"user":"ann"},"data":{"n":12345678901234567890}}';
  for (const item of ['{"to":{"user":"ann"}, "title":7}', '[]', '{"to":{}}', numbered]) {
    await client.query('insert into tidings_outbox (item) values ($1)', [item]);
  }
  await client.query(toOutbox({ to, title: 'good', idempotency_key: 'mine' }));
  await client.query(toOutbox({ to, title: 'good', idempotency_key: 'mine' }));
  await client.query(toOutbox({ to, title: 'follows', task_id: 'import-7' }));
  await socket.got('user_notification', 2);
  expect(socket.of('user_notification').map(({ title }) => title)).toEqual(['good', 'follows']);
  await expect.poll(async () => (await left()).length).toBe(4);
  expect(await left()).toMatchObject([
    { error: expect.stringMatching(/^title must be string; got 7/) },
    { error: expect.stringMatching(/one notification, as a JSON object/) },
    { error: expect.stringMatching(/^to must be exactly one of/) },
    { error: expect.stringMatching(/^data\.n must be a number that a double .* holds/) },
  ]);
  await expect
    .poll(() => told.flatMap((event) => (event.type === 'outbox_refused' ? [event.count] : [])))
    .toSatisfy((counts: number[]) => counts.reduce((sum, count) => sum + count, 0) === 4);
  expect(told).toContainEqual(
    expect.objectContaining({ type: 'outbox_refused', row: 1, reason: expect.stringMatching(/^title must be/) }),
  );
  const metrics = await servers[0].call('GET', '/metrics');
  expect(metrics.body).toContain('\ntidings_outbox_refused_total 4\n');
});

test('what a node that died had taken is published by another, and what it had published is not published again', async () => {
  const { database, application, left, servers } = await start(1);
  const client = await application();
  const socket = await servers[0].join('ann');
  const claim = Date.now() + 1_500;
  await client.query('begin');
  for (const title of ['a', 'b']) await client.query(toOutbox({ to, title }));
  await client.query('update tidings_outbox set claimed_until = $1', [claim]);
  await client.query('commit');
  await socket.got('user_notification', 2);
  expect(Date.now()).toBeGreaterThanOrEqual(claim);
  // The commit deletes the row, so one that is still there was not published, unless somebody puts it back: its key knows.
  await client.query(
    `insert into tidings_outbox (id, item) overriding system value values (1, '{"to":{"user":"ann"},"title":"a"}')`,
  );
  await expect.poll(left).toEqual([]);
  expect(socket.of('user_notification').map(({ title }) => title)).toEqual(['a', 'b']);
  expect(await database.query('select count(*)::int as n from records')).toEqual([{ n: 2 }]);
});
