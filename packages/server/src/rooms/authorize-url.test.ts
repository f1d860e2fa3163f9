import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunningServer } from '../../testing/running-server.ts';
import { answers, answersJson, outages, TestAddress } from '../../testing/test-address.ts';
import { token } from '../../testing/tokens.ts';
import type { TelemetryEvent } from '../telemetry/events.ts';

/** An application that says who may be in its rooms: what it answers is up to each test. */
let application: TestAddress;
let server: RunningServer;
/** Failures that the server has reported. */
const failures: TelemetryEvent[] = [];

beforeAll(async () => {
  application = await TestAddress.open(answersJson({ allowed: false }));
  server = await RunningServer.start({
    rooms: { url: application.url, key: 'key-of-rooms-16-characters' },
    telemetry: { emit: (event) => void (event.type === 'failure' && failures.push(event)) },
  });
});
afterAll(async () => {
  await server.stop();
  application.close();
});

let made = 0;
/** A room that nobody has been asked about. */
const aRoom = () => `/api/v1/rooms/project/r${++made}`;
const ann = () => ({ authorization: `Bearer ${token({ sub: '7', username: 'ann', roles: ['staff'] })}` });
const read = (path: string) => server.call('GET', `${path}/events`, undefined, ann());
const send = (path: string) => server.call('POST', `${path}/events`, { event: 'said' }, ann());

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

test('the application is asked who may follow a room, and who may send to it', async () => {
  const questions: unknown[] = [];
  application.becomes(async (request, response) => {
    const { method, url, headers } = request;
    const question = (await bodyOf(request)) as { action: string };
    questions.push([method, url, headers.authorization, headers['content-type'], question]);
    answersJson({ allowed: question.action === 'read' })(request, response);
  });
  const path = aRoom();
  expect((await read(path)).status).toBe(200);
  expect((await send(path)).body.code).toBe('forbidden');
  const asked = ['POST', '/here', 'Bearer key-of-rooms-16-characters', 'application/json'];
  const about = { user: { id: '7', username: 'ann', roles: ['staff'] }, room: { kind: 'project', id: `r${made}` } };
  expect(questions).toEqual([
    [...asked, { ...about, action: 'read' }],
    [...asked, { ...about, action: 'write' }],
  ]);
});

test('one answer serves all who ask within two seconds', async () => {
  application.becomes(answersJson({ allowed: true }));
  const path = aRoom();
  const before = application.asked;
  const pages = await Promise.all(Array.from({ length: 30 }, () => read(path)));
  expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]));
  expect(application.asked - before).toBe(1);
});

test('a room that the application refuses is as one that is not there; on a socket, 4403', async () => {
  application.becomes(answersJson({ allowed: false }));
  expect((await read(aRoom())).body.code).toBe('not_found');
  const socket = server.open(`/ws/projects/r${++made}/`, [], { ...ann(), origin: server.url });
  expect((await socket.settled()).closed).toMatchObject({ code: 4403 });
});

test.for(Object.entries(outages).map(([name, answer]) => ({ name, answer })))(
  'an application that $name has not said no: 503, and 1013, and the log names the option',
  async ({ answer }) => {
    application.becomes(answer);
    failures.length = 0;
    const [refused, { closed }] = await Promise.all([
      read(aRoom()),
      server.open(`/ws/projects/r${++made}/`, [], { ...ann(), origin: server.url }).settled(),
    ]);
    expect([refused.status, refused.body.code]).toEqual([503, 'unavailable']);
    expect(closed).toMatchObject({ code: 1013 });
    expect(failures).toMatchObject([{ where: 'rooms.url' }, { where: 'rooms.url' }]);
  },
);

test('members need no answer', async () => {
  application.becomes(answers(500));
  const path = aRoom();
  await server.call('PUT', `${path}/members/7`, { access: 'rw' });
  expect((await send(path)).status).toBe(201);
});
