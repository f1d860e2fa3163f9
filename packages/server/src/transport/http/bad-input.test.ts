import { errorCodes } from '@tidings/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { badInput } from '../../../testing/http/bad-input.ts';
import { apiKey, RunningServer } from '../../../testing/running-server.ts';

const message = (text: string) => ({ to: { user: 'reader' }, message: text });

let server: RunningServer;
let before: unknown;
beforeAll(async () => {
  server = await RunningServer.start();
  await post(message('was here before'));
  await server.call('PATCH', '/api/v1/tasks/waits', { owner: 'reader', status: 'waiting' });
  await server.callAs('reader', 'POST', '/api/v1/inbox/seen', { ids: [(await inbox()).items[0].id] });
  before = await everything();
});
afterAll(() => server.stop());

const post = (body: unknown, query = '') => server.call('POST', `/api/v1/notifications${query}`, body);
const inbox = async () => (await server.callAs('reader', 'GET', '/api/v1/inbox')).body;
/** The user's inbox, and the head of the sequence. */
const everything = async () => [await inbox(), (await server.call('GET', '/healthz')).body.database];

/** Calls that users make; all the others are made by back ends. */
const ofUsers = /^\/(inbox|actions)\b/;

describe.each(Object.entries(badInput))('%s', (_what, table) => {
  test.each(table)('%s', async (_name, call, body, says, code = 'bad_request') => {
    const [method, path] = call.split(' ') as [string, string];
    const caller = ofUsers.test(path) ? server.callAs.bind(server, 'reader') : server.call.bind(server);
    const answer = await caller(method, `/api/v1${path}`, body);
    const { status } = errorCodes[code];
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer).toMatchObject({ status, body: { status, code, message: expect.stringMatching(says) } });
    expect(answer.body).toMatchObject({ detail: answer.body.message, docs_url: `https://tidings.dev/errors/${code}` });
    expect(answer.body.message.length).toBeLessThan(400);
    expect(JSON.stringify(answer.body)).not.toMatch(/\bat .*\.ts|node_modules/);
  });
});

describe('a body', () => {
  const sent = (body: unknown, headers: Record<string, string>) =>
    server.call('POST', '/api/v1/notifications', body, headers);
  const json = JSON.stringify(message('x'));
  const unread = { status: 415, body: { code: 'unsupported_media_type' } };

  test.each(['application/xml', 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonx'])(
    'of the type %s is said to be no JSON',
    async (type) => {
      const answer = await sent('<x/>', { 'content-type': type });
      expect(answer).toMatchObject({ ...unread, body: { message: expect.stringContaining('application/json') } });
    },
  );

  test.each(['iso-8859-1', '"utf-16"', 'us-ascii'])('in the charset %s is refused by its name', async (charset) => {
    const answer = await sent(json, { 'content-type': `application/json; charset=${charset}` });
    const named = charset.replaceAll('"', '');
    expect(answer).toMatchObject({
      ...unread,
      body: { message: `JSON is read as UTF-8 here; got the charset "${named}"` },
    });
  });

  test.each(['gzip', 'br', 'deflate', 'GZIP'])('that is compressed by %s is refused by that word', async (coding) => {
    const answer = await sent(json, { 'content-encoding': coding });
    expect(answer).toMatchObject({ ...unread, body: { message: expect.stringContaining(coding.toLowerCase()) } });
  });

  test('that is no UTF-8 is refused, and goes to nobody', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"to":{"user":"re'),
      Buffer.from([0xff]),
      Buffer.from('ader"},"message":"x"}'),
    ]);
    const response = await fetch(`${server.url}/api/v1/notifications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: bytes,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'bad_request', message: expect.stringContaining('UTF-8') });
  });
});

test('a wrong method names the right ones', async () => {
  const allowed = async (method: string, path: string) => (await server.call(method, path)).headers.get('allow');
  expect(await allowed('PUT', '/api/v1/tasks/t')).toBe('GET, HEAD, PATCH');
  expect(await allowed('GET', '/api/v1/inbox/read')).toBe('POST');
  expect(await allowed('POST', '/docs/page.css')).toBe('GET, HEAD');
  expect(await allowed('GET', '/api/v1/tasks/t/nothing')).toBeNull();
});

const bad = { to: { user: 'reader' }, title: 'a\0' };
const said = 'title must be text without NUL and without halves of surrogate pairs; got "a\\u0000"';

test('of an array with one bad item nothing is stored, and the answer names the item', async () => {
  const answer = await post([message('first'), message('second'), bad, message('fourth')], '/batch');
  expect(answer).toMatchObject({ status: 400, body: { code: 'bad_request', index: 2, message: `item 2: ${said}` } });
});

test('nothing of all that was stored', async () => {
  expect(await everything()).toEqual(before);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test('with ?atomic=false the others are stored, in their order, and each item is answered for itself', async () => {
  const { status, body } = await post([message('first'), bad, { to: {} }, message('fourth')], '/batch?atomic=false');
  expect(status).toBe(200);
  expect(body.results).toMatchObject([
    { rev: expect.any(Number) },
    { error: { code: 'bad_request', message: said } },
    { error: { code: 'bad_request', message: expect.stringMatching(/^to must be exactly one of/) } },
    { rev: expect.any(Number) },
  ]);
  const [fourth, first, older] = (await inbox()).items;
  expect([first.message, fourth.message, older.message]).toEqual(['first', 'fourth', 'was here before']);
  expect([first.id, fourth.id]).toEqual([body.results[0].id, body.results[3].id]);
});

test('a page that begins beyond what there is, is the newest', async () => {
  const { status, body } = await server.callAs('reader', 'GET', '/api/v1/inbox?before=999999');
  expect([status, body]).toEqual([200, await inbox()]);
});
