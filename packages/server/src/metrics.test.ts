import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMetrics } from '../testing/metrics-reader.ts';
import { apiKey, RunningServer } from '../testing/running-server.ts';
import { secret, token } from '../testing/tokens.ts';
import { until } from '../testing/world.ts';

const metricsKey = 'key-of-prometheus';
let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start({
    auth: { metricsKey },
    limits: { maxConnectionsPerUser: 3, pingIntervalMs: 100, maxTopics: 2, workBurst: 200, workPerSecond: 1 },
  });
});
afterAll(() => server.stop());

async function scrape() {
  const { status, headers, body } = await server.call('GET', '/metrics');
  expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  return { text: body as string, ...readMetrics(body) };
}

test('an API key and the key for metrics read them, and nobody else; that key opens nothing else', async () => {
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const statusOf = async (key: string) => (await server.call('GET', '/metrics', undefined, bearer(key))).status;
  expect(await Promise.all([apiKey, metricsKey, token({ sub: 'ann' }), 'x'].map(statusOf))).toEqual([
    200, 200, 401, 401,
  ]);
  const refused = await fetch(`${server.url}/metrics`);
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({
    message:
      'the metrics need "Authorization: Bearer <key>", with the server\'s metrics key (auth.metricsKey, TIDINGS_METRICS_KEY) or an API key',
  });
  const { body: wrong } = await server.call('GET', '/metrics', undefined, bearer('x'));
  expect(wrong).toMatchObject({
    message: expect.stringMatching(/^the key is neither .*TIDINGS_METRICS_KEY\) nor an /),
  });
  const calls = ['/api/v1/connections', '/api/v1/tasks'].map((path) =>
    server.call('GET', path, undefined, bearer(metricsKey)),
  );
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([401, 401]);
});

test('what is sent is counted on its whole way, and the sums hold at rest', async () => {
  const before = (await scrape()).value;
  const [ann, ben] = await Promise.all([server.join('ann', { roles: ['clerk'] }), server.join('ben')]);
  const stream = server.read('/api/v1/events', { authorization: `Bearer ${token({ sub: 'ann', roles: ['clerk'] })}` });
  await until(() => stream.of('synced').length > 0);
  const sent = [];
  for (const to of [{ user: 'ann' }, { role: 'clerk' }, { everyone: true }, { user: 'nobody' }]) {
    sent.push(
      await server.call('POST', '/api/v1/notifications', { to, title: 'T' }, { 'idempotency-key': JSON.stringify(to) }),
    );
  }
  await server.call(
    'POST',
    '/api/v1/notifications',
    { to: { user: 'ann' }, title: 'T' },
    { 'idempotency-key': '{"user":"ann"}' },
  );
  await Promise.all([ann.got('user_notification', 3), ben.got('user_notification', 1)]);
  await until(() => stream.of('user_notification').length === 3);
  const ids = sent.map(({ body }) => body.id as string);
  for (const action of ['mark_seen', 'mark_read']) ann.say({ action, ids: ids.slice(0, 2), ref: action });
  await ann.got('reply', 2);
  // Pings are due a tenth of a second after the last one, and are looked for once a second.
  const acknowledged = 'tidings_acknowledged_total';
  await expect.poll(async () => (await scrape()).value(acknowledged)).toBeGreaterThan(before(acknowledged));
  const { value, sum } = await scrape();
  const grown = (name: string, labels?: string) => value(name, labels) - before(name, labels);
  expect(grown('tidings_accepted_total', 'kind="notification"')).toBe(4);
  expect(grown('tidings_accepted_total', 'kind="receipt"')).toBe(2);
  expect(grown('tidings_duplicates_total')).toBe(1);
  expect(grown('tidings_seen_total')).toBe(2);
  // Of three sessions: the three notifications and two receipts for ann's two, one for ben's.
  expect(grown('tidings_written_total')).toBe(2 * (3 + 2) + 1);
  expect(value('tidings_committed_total')).toBeGreaterThanOrEqual(sum('tidings_accepted_total'));
  expect(value('tidings_published_total')).toBe(value('tidings_committed_total'));
  expect(value('tidings_released_total')).toBe(value('tidings_committed_total'));
  expect(sum('tidings_waiting')).toBe(0);
  const ends = ['hidden', 'written', 'conflated', 'missed'].map((end) => value(`tidings_${end}_total`));
  expect(ends.reduce((a, b) => a + b)).toBe(value('tidings_recipients_total'));
  expect(value('tidings_acknowledged_total')).toBeLessThanOrEqual(
    value('tidings_written_total') + value('tidings_replayed_total'),
  );
  expect(value('tidings_commit_duration_seconds_count')).toBeGreaterThanOrEqual(4);
  expect(value('tidings_sessions', 'transport="websocket"')).toBe(2);
  expect(value('tidings_sessions', 'transport="sse"')).toBe(1);
});

test('refusals are counted by the option that is their limit', async () => {
  const before = (await scrape()).value;
  const sockets = await Promise.all([1, 2, 3].map(() => server.join('carl')));
  expect((await server.join('carl')).closed?.code).toBe(4409);
  const [follower, talker, marker] = sockets as [(typeof sockets)[0], (typeof sockets)[0], (typeof sockets)[0]];
  follower.say({ action: 'subscribe', task_id: 't1', ref: 1 });
  await follower.got('error');
  talker.say(JSON.stringify({ action: 'ping', ref: 'x'.repeat(70_000) }));
  await until(() => talker.closed !== null);
  const ids = Array.from({ length: 500 }, (_, n) => `none-${n}`);
  for (let n = 0; n < 3; n++) marker.say({ action: 'mark_read', ids });
  await marker.got('error');
  const { value } = await scrape();
  const grown = ['maxConnectionsPerUser', 'maxTopics', 'maxFrameBytes', 'workPerSecond'].map((limit) => [
    limit,
    value('tidings_refused_total', `limit="${limit}"`) - before('tidings_refused_total', `limit="${limit}"`) > 0,
  ]);
  expect(grown.filter(([, is]) => !is)).toEqual([]);
});

test('what is done with versions of documents is counted, once, and not what changes nothing', async () => {
  const versions = '/api/v1/rooms/collaboration/counted/document/versions';
  const call = async (method: string, path = '', body?: object) => (await server.call(method, path, body)).body;
  const write = (text: string) =>
    server.tidings.withDocument('collaboration:counted', (doc) => doc.getText('t').insert(0, text));
  await write('one');
  const { id } = await call('POST', versions, { name: 'One', idempotency_key: 'k' });
  await call('POST', versions, { name: 'One', idempotency_key: 'k' });
  await write('more than ');
  const { saved } = await call('POST', `${versions}/${id}/restore`);
  await call('POST', `${versions}/${id}/restore`);
  for (const name of ['Two', 'Three']) await call('PATCH', `${versions}/${saved.id}`, { name });
  for (let n = 0; n < 2; n++) await call('DELETE', `${versions}/${id}`);
  for (let n = 0; n < 2; n++) await call('DELETE', '/api/v1/rooms/collaboration/counted/document');
  const { value } = await scrape();
  const counts = ['saved', 'renamed', 'restored', 'removed'].map((change) =>
    value('tidings_document_versions_total', `change="${change}"`),
  );
  expect([...counts, value('tidings_documents_deleted_total')]).toEqual([1, 2, 1, 1, 1]);
});

test('no secret, user, address or path is in them', async () => {
  const { text } = await scrape();
  for (const word of [apiKey, metricsKey, secret, token({ sub: 'ann' }), 'ann', '127.0.0.1', server.url, '/api']) {
    expect([word, text.includes(word)]).toEqual([word, false]);
  }
});

test('the document names every metric, and no other', async () => {
  const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const documented = new Set(page.match(/\b(tidings|process|nodejs)_[a-z_]+\b/g));
  expect([...documented].sort()).toEqual((await scrape()).names.sort());
});
