import type { DocumentEvents } from '@tidings/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { deployments } from '../../testing/deployments.ts';
import { type PlainSocket, RunningServer } from '../../testing/running-server.ts';
import { token } from '../../testing/tokens.ts';

let made = 0;
const aRoom = (): string => `e${++made}`;

describe.each(deployments)('events of documents on $name', ({ start }) => {
  let nodes: readonly RunningServer[];
  let stop: () => Promise<void>;
  beforeAll(async () => {
    ({ nodes, stop } = await start());
  });
  afterAll(() => stop());

  const node = (n: number): RunningServer => nodes[n % nodes.length] as RunningServer;
  const grants = (room: string, access: string) => ({ grants: [`collaboration:${room}:${access}`] });
  /** A session of one who may read, beside the document or in JSON alone. */
  const follow = (room: string, query = '?json=1'): Promise<PlainSocket> =>
    node(1)
      .open(`/ws/collaboration/${room}/${query}&token=${token({ sub: 'rob', ...grants(room, 'r') })}`)
      .settled();
  const call = async (room: string, method: string, path: string, body?: unknown, headers = {}) =>
    (await node(0).call(method, `/api/v1/rooms/collaboration/${room}/document${path}`, body, headers)).body;
  const asUna = (room: string) => ({
    authorization: `Bearer ${token({ sub: 'una', username: 'Una', ...grants(room, 'rw') })}`,
  });
  const write = (room: string, text: string) =>
    node(0).tidings.withDocument(`collaboration:${room}`, (doc) => doc.getText('t').insert(0, text));
  const eventsOf = (socket: PlainSocket) => socket.of('room_event').map(({ event, from, data }) => [event, from, data]);

  test('whoever may read hears what is done with versions, by whom, on whatever node, each once', async () => {
    const room = aRoom();
    const rob = await follow(room);
    await write(room, 'one');
    const body = { name: 'One', idempotency_key: 'k' };
    const version = await call(room, 'POST', '/versions', body, asUna(room));
    expect(await call(room, 'POST', '/versions', body, asUna(room))).toEqual(version);
    await write(room, 'more than ');
    const { saved } = await call(room, 'POST', `/versions/${version.id}/restore`, undefined, asUna(room));
    await call(room, 'POST', `/versions/${version.id}/restore`, undefined, asUna(room));
    const renamed = await call(room, 'PATCH', `/versions/${saved.id}`, { name: 'Two' });
    for (let n = 0; n < 2; n++) await call(room, 'DELETE', `/versions/${version.id}`);
    for (let n = 0; n < 2; n++) await call(room, 'DELETE', '');
    await rob.got('room_event', 5);
    const una = { user_id: 'una', username: 'Una' };
    const restored: DocumentEvents['document_restored'] = { version, saved, removed: [] };
    const all = [
      ['document_version_saved', una, { version }],
      ['document_restored', una, restored],
      ['document_version_renamed', null, { version: renamed }],
      ['document_version_removed', null, { id: version.id }],
      ['document_deleted', null, {}],
    ];
    expect(eventsOf(rob)).toEqual(all);
    // The history of the room has them for those who come later.
    expect(eventsOf(await follow(room)).sort()).toEqual([...all].sort());
  });

  test('what a user may not do is told to nobody, and nobody can say that it was done', async () => {
    const room = aRoom();
    const rob = await follow(room);
    const asRob = { authorization: `Bearer ${token({ sub: 'rob', ...grants(room, 'r') })}` };
    expect((await call(room, 'POST', '/versions', { name: 'No' }, asRob)).code).toBe('forbidden');
    const send = (event: string, kind = 'collaboration') =>
      node(0).call('POST', `/api/v1/rooms/${kind}/${room}/events`, { event });
    const refused = await send('document_restored');
    expect([refused.status, refused.body.message]).toEqual([400, expect.stringContaining('another name')]);
    expect((await send('document_restored', 'project')).status).toBe(201);
    expect((await send('restored')).status).toBe(201);
    await rob.got('room_event');
    expect(eventsOf(rob)).toEqual([['restored', null, {}]]);
  });
});

test('versions of before restores that made room for another are named', async () => {
  const server = await RunningServer.start({ limits: { versionsPerDocument: 2 } });
  onTestFinished(() => server.stop());
  const room = 'collaboration:few';
  const { documents, rooms } = server.tidings;
  const write = (text: string) => server.tidings.withDocument(room, (doc) => doc.getText('t').insert(0, text));
  await write('one');
  const { id } = await documents.saveVersion(room, 'One');
  await write('two');
  const { saved } = await documents.restoreVersion(room, id);
  await write('three');
  await documents.restoreVersion(room, id);
  const { items } = await rooms.events(room);
  expect(items.map(({ event, data }) => [event, data.removed])).toEqual([
    ['document_restored', [saved?.id]],
    ['document_restored', []],
    ['document_version_saved', undefined],
  ]);
});
