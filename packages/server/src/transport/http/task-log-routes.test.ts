import { afterAll, describe, expect, test } from 'vitest';
import { RunningServer } from '../../../testing/running-server.ts';

const server = await RunningServer.start({ limits: { taskLogEntryBytes: 50_000, taskLogBytes: 8_000 } });
afterAll(() => server.stop());

let made = 0;
/** A task that somebody does, and the path of its log. */
async function aTask(more: object = {}): Promise<{ id: string; path: string }> {
  const id = `t-${++made}`;
  await server.call('POST', '/api/v1/tasks', { task_id: id, name: 'import', status: 'processing', ...more });
  return { id, path: `/api/v1/tasks/${id}/log` };
}
const add = (path: string, ...entries: object[]) => server.call('POST', path, { entries });
const textsOf = ({ body }: { body: { items: { text: string }[] } }) => body.items.map(({ text }) => text);

describe('the log of a task over HTTP', () => {
  test('is added to and read, page by page, oldest first, with level, attempt and time', async () => {
    const { id, path } = await aTask();
    const at = '2026-03-14T10:26:53+01:00';
    const added = await add(
      path,
      { text: 'Reading', at },
      { text: 'x"🦉', kind: 'chunk' },
      { text: '', level: 'error' },
    );
    expect([added.status, added.body]).toEqual([201, { seq: 3 }]);
    await server.call('PATCH', `/api/v1/tasks/${id}`, { status: 'failed', error: 'x' });
    await server.call('PATCH', `/api/v1/tasks/${id}`, { status: 'processing' });
    expect((await add(path, { text: 'again' })).body).toEqual({ seq: 4 });
    const entry = { kind: 'line', level: 'info', attempt: 1, at: expect.stringMatching(/Z$/) };
    const first = await server.call('GET', `${path}?limit=2`);
    expect(first.body).toEqual({
      items: [
        { ...entry, seq: 1, text: 'Reading', at: '2026-03-14T09:26:53.000Z' },
        { ...entry, seq: 2, text: 'x"🦉', kind: 'chunk' },
      ],
      ...{ next_after: 2, has_more: true },
    });
    const second = await server.call('GET', `${path}?after=${first.body.next_after}`);
    expect(second.body).toEqual({
      items: [
        { ...entry, seq: 3, text: '', level: 'error' },
        { ...entry, seq: 4, text: 'again', attempt: 2 },
      ],
      ...{ next_after: 4, has_more: false },
    });
    expect((await server.call('GET', `${path}?after=9`)).body).toEqual({ items: [], next_after: 9, has_more: false });
  });

  test('is read from a level on, also where a page has none of it', async () => {
    const { path } = await aTask();
    const levels = ['debug', 'info', 'warn', 'error', 'info'];
    await add(path, ...levels.map((level) => ({ text: level, level })));
    expect(textsOf(await server.call('GET', `${path}?level=warn`))).toEqual(['warn', 'error']);
    const { body } = await server.call('GET', `${path}?level=warn&after=4`);
    expect(body).toEqual({ items: [], next_after: 5, has_more: false });
    const cut = await server.call('GET', `${path}?level=info&limit=1`);
    expect([textsOf(cut), cut.body.next_after, cut.body.has_more]).toEqual([['info'], 2, true]);
  });

  test('what is repeated under one key is stored once', async () => {
    const { path } = await aTask();
    const body = { entries: [{ text: 'a' }, { text: 'b' }], idempotency_key: 'k' };
    expect((await server.call('POST', path, body)).body).toEqual({ seq: 2 });
    expect((await add(path, { text: 'c' })).body).toEqual({ seq: 3 });
    expect((await server.call('POST', path, body)).body).toEqual({ seq: 2, duplicate: true });
    expect(textsOf(await server.call('GET', path))).toEqual(['a', 'b', 'c']);
  });

  test('who may not read the task is answered as for one that does not exist, and nobody but a back end adds', async () => {
    const { id, path } = await aTask({ owner: 'ann', followers: ['bob'] });
    await add(path, { text: 'a' });
    for (const user of ['ann', 'bob']) expect(textsOf(await server.callAs(user, 'GET', path))).toEqual(['a']);
    const refused = await server.callAs('eve', 'GET', path);
    const unknown = await server.callAs('eve', 'GET', '/api/v1/tasks/nowhere/log');
    expect([refused.status, unknown.status]).toEqual([404, 404]);
    expect(JSON.stringify(refused.body)).toBe(JSON.stringify(unknown.body).replaceAll('nowhere', id));
    expect((await server.callAs('ann', 'POST', path, { entries: [{ text: 'x' }] })).status).toBe(401);
    // An id with a slash stands in the query.
    await server.call('POST', '/api/v1/tasks', { task_id: 'a/b', status: 'processing' });
    await add('/api/v1/tasks/-/log?task_id=a%2Fb', { text: 'slash' });
    expect(textsOf(await server.call('GET', '/api/v1/tasks/-/log?task_id=a%2Fb'))).toEqual(['slash']);
  });

  test.each([
    ['no text', { entries: [{ level: 'info' }] }, 'bad_request', 'entries.0'],
    ['a number', { entries: [{ text: 7 }] }, 'bad_request', 'entries.0.text'],
    ['NUL', { entries: [{ text: 'a\u0000b' }] }, 'bad_request', 'entries.0.text'],
    [
      'half of a character',
      { entries: [{ text: 'a', kind: 'chunk' }, { text: '\ud83e' }] },
      'bad_request',
      'entries.1.text',
    ],
    ['no entries', { entries: [] }, 'bad_request', 'entries'],
    ['nothing', {}, 'bad_request', 'entries'],
    ['too many', { entries: Array.from({ length: 1_001 }, () => ({ text: '' })) }, 'bad_request', 'entries'],
    ['another level', { entries: [{ text: 'a', level: 'fatal' }] }, 'bad_request', 'debug'],
    ['NaN as level', '{"entries": [{"text": "a", "level": NaN}]}', 'bad_request', 'JSON'],
    ['a level that is no text', { entries: [{ text: 'a', level: null }] }, 'bad_request', 'level'],
    [
      'a day that does not exist',
      { entries: [{ text: 'a', at: '2026-02-30T10:00:00Z' }] },
      'bad_request',
      'entries.0.at',
    ],
    ['a kind of the server', { entries: [{ text: 'a', kind: 'dropped' }] }, 'bad_request', 'kind'],
    ['an unknown member', { entries: [{ text: 'a', lvl: 'info' }] }, 'bad_request', 'lvl'],
    ['attempt 0', { entries: [{ text: 'a' }], attempt: 0 }, 'bad_request', 'attempt'],
    [
      'too large',
      { entries: [{ text: 'a' }, { text: 'é'.repeat(25_001) }] },
      'payload_too_large',
      'entries.1: the text has 50002',
    ],
  ])('refuses %s, says why, and stores none of it', async (_, body, code, part) => {
    const { path } = await aTask();
    const answer = await server.call('POST', path, body);
    expect(answer.body).toMatchObject({ code, message: expect.stringContaining(part) });
    expect(textsOf(await server.call('GET', path))).toEqual([]);
  });

  test.each(['after=-1', 'after=x', 'limit=0', 'limit=1001', 'level=fatal', 'level=NaN', 'before=3'])(
    'refuses to read by ?%s',
    async (query) => {
      const { path } = await aTask();
      expect((await server.call('GET', `${path}?${query}`)).body).toMatchObject({ code: 'bad_request' });
    },
  );

  test('refuses what is for an unknown task, one that has ended, and another attempt', async () => {
    expect((await add('/api/v1/tasks/unknown/log', { text: 'a' })).body).toMatchObject({
      ...{ status: 404, code: 'not_found', message: expect.stringContaining('begin it, or report on it') },
    });
    const { id, path } = await aTask();
    const attempt = async (n: number) =>
      (await server.call('POST', path, { entries: [{ text: `${n}` }], attempt: n })).body;
    expect(await attempt(1)).toEqual({ seq: 1 });
    expect(await attempt(2)).toMatchObject({ code: 'conflict', message: expect.stringContaining('has not begun') });
    await server.call('PATCH', `/api/v1/tasks/${id}`, { status: 'completed', result: 1 });
    expect((await add(path, { text: 'late' })).body).toMatchObject({
      ...{ code: 'conflict', message: expect.stringContaining('is completed already') },
    });
    await server.call('PATCH', `/api/v1/tasks/${id}`, { status: 'processing', restart: true });
    expect(await attempt(1)).toMatchObject({ code: 'conflict', message: expect.stringContaining('is over') });
    expect(await attempt(2)).toEqual({ seq: 2 });
    // Known by a notification alone, nobody has begun it yet.
    await server.call('POST', '/api/v1/notifications', { to: { user: 'ann' }, task_id: 'awaited', message: 'x' });
    expect((await add('/api/v1/tasks/awaited/log', { text: 'a' })).body).toMatchObject({ code: 'not_found' });
  });

  test('of a log that grows too large the middle is removed, and an entry says so', async () => {
    const { path } = await aTask();
    for (let n = 1; n <= 40; n++) await add(path, { text: `${n}`.padEnd(300, '.') });
    const { items } = (await server.call('GET', path)).body;
    const dropped = items.filter((entry: { kind: string }) => entry.kind === 'dropped');
    expect(dropped).toHaveLength(1);
    const [{ seq, first_seq, text }] = dropped;
    expect(text).toBe(`${(seq - first_seq + 1) * 400} bytes of the log were removed here: a log keeps 8000 bytes`);
    const kept = items.filter((entry: { kind: string }) => entry.kind === 'line');
    expect(kept.map((entry: { text: string }) => Number.parseInt(entry.text, 10))).toEqual([
      ...Array.from({ length: first_seq - 1 }, (_, i) => i + 1),
      ...Array.from({ length: 40 - seq }, (_, i) => seq + 1 + i),
    ]);
    expect(kept.length * 400).toBeLessThanOrEqual(8_000);
    expect(kept.length * 400).toBeGreaterThan(3_600);
    expect([kept[0].seq, items.at(-1).seq]).toEqual([1, 40]);
    const within = await server.call('GET', `${path}?after=${first_seq + 1}&limit=1`);
    expect(within.body.items).toEqual([expect.objectContaining({ kind: 'dropped', first_seq: first_seq + 2, seq })]);
  });
});
