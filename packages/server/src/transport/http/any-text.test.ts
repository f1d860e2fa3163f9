import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestDatabase } from '../../../testing/postgres.ts';
import { RunningServer } from '../../../testing/running-server.ts';
import { token } from '../../../testing/tokens.ts';

/** Text that no schema refuses, and nothing on its way may change. */
const texts: [name: string, text: string][] = [
  ['right to left', 'שלום-عالم'],
  ['bidirectional controls', 'a\u202eb\u202c\u2066c\u2069\u200f\u061c'],
  ['emoji of several people', '👩‍👩‍👧‍👦👍🏽❤️'],
  ['flags', '🇩🇪🏴󠁧󠁢󠁳󠁣󠁴󠁿'],
  ['characters of four bytes', '𝒳𠮷𐍈'],
  ['marks that combine', 'e\u0301Z\u0351\u036b\u0343'],
  ['marks that are composed', '\u00e9\u1e69'],
  ['ligatures and wide letters', 'ﬁＡ①'],
  ['joiners and what is not there', 'a\u200d\u200cb\u00ad\u2060'],
  ['markup and quotes', '<b>"&amp;\'\\'],
  ['what paths and queries are made of', 'a/b?c=d&e#f%41+;:@'],
  ['a name of objects', '__proto__'],
  ['noncharacters', '\ufffe\uffff\u{10ffff}\ufffd'],
];

describe.each(['SQLite', 'PostgreSQL'])('on %s', (database) => {
  let server: RunningServer;
  let postgres: TestDatabase | null = null;
  beforeAll(async () => {
    if (database === 'PostgreSQL') postgres = await TestDatabase.create();
    server = await RunningServer.start(postgres ? { database: postgres.url } : {});
  });
  afterAll(async () => {
    await server.stop();
    await postgres?.drop();
  });

  test.each(texts)('%s is told back as it was sent, and found', async (_name, text) => {
    const claims = { sub: text, username: `${text}-name`, roles: [text] };
    const headers = { authorization: `Bearer ${token(claims)}` };
    const call = async (path: string, method = 'GET', body?: unknown) => {
      const answer = await server.call(method, `/api/v1${path}`, body, headers);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      return answer.body;
    };
    expect(await call('/whoami')).toEqual({ user_id: text, username: `${text}-name`, roles: [text] });
    const socket = await server.open('/ws/', [], headers).settled();
    const data = { text, list: [text], [`of ${text}`]: text };
    const content = { title: text, message: text, data, external_id: text, collapse_key: text };
    const send = async (to: object, more: object): Promise<string> => {
      const { status, body } = await server.call('POST', '/api/v1/notifications', { to, ...more });
      expect(status, JSON.stringify(body)).toBe(201);
      return body.id;
    };
    const ids = [
      await send({ user: text }, content),
      await send({ username: `${text}-name` }, { ...content, type: 'x' }),
    ];
    ids.push(await send({ role: text }, content));
    const heard = [
      await socket.got('user_notification'),
      await socket.got('x'),
      await socket.got('user_notification', 2),
    ];
    const { items } = await call('/inbox');
    for (const [i, id] of ids.entries()) {
      const read = (await server.call('GET', `/api/v1/notifications/${id}`)).body;
      expect(read).toMatchObject({ id, external_id: text, to: i === 2 ? { role: text } : { user: text } });
      for (const frame of [heard[i], items.toReversed()[i], read.frame]) {
        expect(frame).toMatchObject({ id, title: text, message: text, data: { text, list: [text] } });
        expect((frame.data as Record<string, unknown>)[`of ${text}`]).toBe(text);
      }
    }
    expect((await call(`/inbox?q=${encodeURIComponent(text)}`)).items).toEqual(items);
    expect((await call('/actions', 'POST', { action: 'list', q: text })).items).toEqual(items);
    expect(await call('/inbox/seen', 'POST', { ids: [text, 'none'] })).toEqual({ marked: 1, not_found: ['none'] });
  });

  test.each(texts)('%s names a task and its people', async (_name, text) => {
    const path = `/api/v1/tasks/${encodeURIComponent(text)}`;
    const report = {
      name: text,
      step: text,
      message: text,
      owner: text,
      data: { [`of ${text}`]: text },
      result: { text },
    };
    expect((await server.call('PATCH', path, report)).body).toMatchObject({ task_id: text, ...report });
    const as = (method: string, where: string) => server.callAs(text, method, where);
    expect((await as('GET', path)).body).toMatchObject({ task_id: text, ...report });
    expect((await as('GET', '/api/v1/tasks')).body.items).toMatchObject([{ task_id: text }]);
    const socket = await server.join(text);
    socket.say({ action: 'subscribe', task_id: text, ref: 1 });
    expect(await socket.got('task_update')).toMatchObject({ task_id: text, message: text, step: text });
    expect((await as('POST', `${path}/cancel`)).body).toMatchObject({ task_id: text, cancel_requested: true });
    const connections = `/api/v1/users/${encodeURIComponent(text)}/connections`;
    expect((await server.call('GET', connections)).body).toMatchObject({ user_id: text, connected: true });
  });

  test('what looks alike and is composed otherwise is found, and is not the same name', async () => {
    const [apart, composed] = ['e\u0301-user', '\u00e9-user'];
    await server.call('POST', '/api/v1/notifications', { to: { user: apart }, title: 'Caf\u00e9 Ｎº1' });
    const found = async (user: string, q: string) =>
      (await server.callAs(user, 'GET', `/api/v1/inbox?q=${encodeURIComponent(q)}`)).body.items.length;
    expect(await found(apart, 'CAFE\u0301 no1')).toBe(1);
    expect(await found(composed, 'caf\u00e9')).toBe(0);
  });

  test('the name of a file is its URL decoded, but for what is no text', async () => {
    for (const file of ['%D7%A9.pdf', 'a%00b.pdf', '%ff.pdf']) {
      const body = { to: { user: 'files' }, type: 'user_file', data: { file_url: `/files/${file}` } };
      await server.call('POST', '/api/v1/notifications', body);
    }
    const { items } = (await server.callAs('files', 'GET', '/api/v1/inbox')).body;
    const names = items.map(({ file_name }: { file_name: string }) => file_name).reverse();
    expect(names).toEqual(['ש.pdf', 'a%00b.pdf', '%ff.pdf']);
  });
});
