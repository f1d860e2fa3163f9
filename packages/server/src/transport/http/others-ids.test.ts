import { type ActionName, actionSchemas } from '@tidings/protocol/schemas';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Belongings, secretWord, tasks } from '../../../testing/http/belongings.ts';
import { byAction, byRoute, type Entry, type Naming, needSockets, overHttp } from '../../../testing/http/naming.ts';
import { type PlainSocket, RunningServer } from '../../../testing/running-server.ts';
import { until } from '../../../testing/world.ts';

/** The attackers: a user and one to whom nothing was ever sent, both without rights to anything. */
const [stranger, newcomer] = ['stranger', 'newcomer'];
const makeUp = (id: string): string => id.slice(0, -1) + (id.endsWith('0') ? '1' : '0');

const server = await RunningServer.start({
  limits: { actionBurst: 100_000, workBurst: 100_000, refusalBurst: 100_000 },
});
const { paths } = (await server.call('GET', '/openapi.json')).body as { paths: Record<string, object> };
const routes = Object.entries(paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
);
const actions = Object.keys(actionSchemas) as ActionName[];

let things: Belongings;
let before: unknown;
let listening: PlainSocket;
beforeAll(async () => {
  things = await Belongings.on(server);
  listening = await server.join(stranger);
  tasks.forEach((task, ref) => void listening.say({ action: 'subscribe', task_id: things.ids[task], ref }));
  await listening.got('reply', tasks.length);
  before = await things.state();
  expect(JSON.stringify(before), 'all of it is there').not.toContain('not_found');
});
afterAll(() => server.stop());

test('every action and every route of the server is tried', () => {
  const add = (what: string) =>
    `add to packages/server/testing/http/naming.ts what a stranger may name by ${what}, or { none: why no id of another user can be named there }`;
  for (const action of actions) expect(byAction[action], add(action)).toBeDefined();
  for (const route of routes) expect(byRoute[route], add(route)).toBeDefined();
  for (const route of Object.keys(byRoute)) expect(routes, `${route} is gone; take it out`).toContain(route);
});

test.each(actions)('%s on a socket', async (action) => {
  const sockets = new Map([stranger, newcomer].map((user) => [user, server.join(user)]));
  let ref = 0;
  await tryAll(byAction[action], async (user, members) => {
    const socket = (await sockets.get(user)) as PlainSocket;
    const from = socket.received.length;
    const answered = () => socket.received.slice(from).find((frame) => frame.ref === ref);
    socket.say({ action, ...members, ref: ++ref });
    await until(() => answered() !== undefined);
    socket.say({ action: 'ping', ref: ++ref });
    await until(() => answered() !== undefined);
    const frames = socket.received.slice(from, -1).filter(({ type }) => type !== 'ping');
    const code = frames.find(({ type }) => type === 'error')?.code;
    return { code, whole: frames.map((frame) => ({ ...frame, ref: frame.ref !== undefined })) };
  });
});

test.each(actions)('%s over HTTP', (action) =>
  tryAll(
    byAction[action],
    (user, members) => callAs(user, 'POST', '/api/v1/actions', { action, ...members, ...overHttp[action] }),
    needSockets.includes(action) ? 'bad_request' : undefined,
  ),
);

test.each(routes)('%s', (route) =>
  tryAll(byRoute[route] as Entry, (user, members, id) => {
    const [method, path] = route.split(' ') as [string, string];
    const where = path.replace('{id}', encodeURIComponent(id)).replace('{kind}', 'project').replace('{user}', user);
    if (method !== 'GET') return callAs(user, method, where, method === 'DELETE' ? undefined : members);
    return callAs(user, method, `${where}?${new URLSearchParams(members as Record<string, string>)}`);
  }),
);

test('nothing of it came to pass, and the stranger hears nothing of what comes to pass', async () => {
  expect(await things.state()).toEqual(before);
  const { ids, socket } = things;
  for (const task of tasks) {
    const { task_id } = (await server.call('PATCH', `/api/v1/tasks/${ids[task]}`, { status: 'failed' })).body;
    await until(() => socket.received.some((frame) => frame.task_id === task_id && frame.status === 'failed'));
  }
  await server.call('PATCH', `/api/v1/notifications/${ids.personal}`, { title: `${secretWord} too` });
  await server.call('DELETE', `/api/v1/notifications/${ids.of_a_role}`);
  await until(() => socket.of('retracted').some((frame) => frame.id === ids.of_a_role));
  listening.say({ action: 'ping', ref: 'end' });
  await until(() => listening.received.some(({ ref }) => ref === 'end'));
  const isOthers = ({ type, id }: { type?: unknown; id?: unknown }) => type !== 'ping' && id !== `receipts:${stranger}`;
  const heard = listening.received.filter(isOthers).map(({ type }) => type);
  const asked = tasks.flatMap(() => ['subscribed', 'reply']);
  expect(heard).toEqual(['connection_established', 'synced', ...asked, 'reply']);
});

/** Asks as somebody, about an id: tells the code of the answer, and the whole of it. */
type Ask = (user: string, members: object, id: string) => Promise<{ code: unknown; whole: object }>;

/** Tries an entry: each answer must be the one that somebody gets for what does not exist. */
async function tryAll(entry: Entry, ask: Ask, code?: Naming['code']): Promise<void> {
  if ('none' in entry) return;
  for (const one of entry) {
    if ('alike' in one) for (const members of one.alike) await tryAlike(ask, members);
    else for (const thing of one.of) await tryNaming(ask, one, things.ids[thing], code ?? one.code);
  }
}

async function tryNaming(ask: Ask, { members = () => ({}) }: Naming, id: string, code: Naming['code']): Promise<void> {
  const answers = [];
  for (const named of [id, makeUp(id)]) {
    const answer = await ask(stranger, members(named), named);
    expect(answer.code, `of ${named}`).toBe(code ?? undefined);
    answers.push(JSON.stringify(answer.whole).replaceAll(named, 'ID'));
  }
  expect(answers[0]).toBe(answers[1]);
  expectNoLeak(answers[0] as string);
}

async function tryAlike(ask: Ask, members: object): Promise<void> {
  const answers = [];
  for (const user of [stranger, newcomer]) {
    const answer = await ask(user, members, '');
    answers.push(JSON.stringify(answer.whole, withoutTime).replaceAll(user, 'USER'));
  }
  expect(answers[0]).toBe(answers[1]);
  expectNoLeak(answers[0] as string);
}

/** Fields of a place in the history or a time: they differ between two calls that do the same. */
const places = ['rev', 'cursor', 'as_of', 'read_upto', 'timestamp'];
const withoutTime = (name: string, value: unknown) => (places.includes(name) ? null : value);

function expectNoLeak(text: string): void {
  for (const secret of [secretWord, ...Object.values(things.ids)]) expect(text).not.toContain(secret);
}

async function callAs(user: string, method: string, path: string, body?: unknown) {
  const { status, headers, body: answer } = await server.callAs(user, method, path, body);
  const { date: _date, ...others } = Object.fromEntries(headers);
  return { code: answer?.code, whole: { status, others, answer } };
}
