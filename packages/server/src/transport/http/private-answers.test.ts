import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiKey, RunningServer } from '../../../testing/running-server.ts';
import { token } from '../../../testing/tokens.ts';
import { createTidings } from '../../server.ts';
import type { TelemetryEvent } from '../../telemetry/events.ts';

const named = 'https://app.example.com';
const events: TelemetryEvent[] = [];
let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start({
    auth: { apiKeys: [apiKey], allowedOrigins: ['*', named] },
    telemetry: { emit: (event) => events.push(event) },
  });
});
afterAll(() => server.stop());

describe('an answer', () => {
  test('is kept by nobody on the way and taken for nothing else, on every route but those of pages and documents', async () => {
    const { paths } = (await server.call('GET', '/openapi.json')).body as { paths: Record<string, object> };
    const pages = /^\/(docs|test|tidings\.js|openapi\.json|asyncapi\.json)$/;
    const calls = Object.entries(paths)
      .filter(([path]) => !pages.test(path))
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => [method.toUpperCase(), path] as const));
    expect(calls.length).toBeGreaterThan(20);
    for (const [method, path] of [
      ...calls,
      ['GET', '/api/v1/nothing'],
      ['GET', '/ws/'],
      ['GET', '/api/v1/tasks/%ff'],
    ] as const) {
      for (const authorization of [`Bearer ${token({ sub: '1' })}`, `Bearer ${apiKey}`, 'Bearer nobody']) {
        const answer = await fetch(server.url + path.replaceAll(/\{\w+\}/g, 'x'), {
          method,
          headers: { authorization },
        });
        await answer.body?.cancel();
        const { headers } = answer;
        expect([
          method,
          path,
          headers.get('cache-control')?.split(',')[0],
          headers.get('x-content-type-options'),
        ]).toEqual([...[method, path, 'no-store', 'nosniff']]);
      }
    }
  });

  test('on a refused upgrade is kept by nobody either', async () => {
    const socket = await server.open('/ws/').settled();
    expect(socket.refused).toMatchObject({
      ...{ status: 401, headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } },
    });
  });
});

describe('a page that may come since any may', () => {
  const cookie = { authorization: '', cookie: `tidings_token=${token({ sub: '1' })}` };

  test('is not let in by a cookie, as one of a named origin is, and reads no answer that one brought', async () => {
    const asked = (origin: string) => server.call('GET', '/api/v1/whoami', undefined, { ...cookie, origin });
    const own = await asked(named);
    expect(own).toMatchObject({ status: 200, body: { user_id: '1' } });
    expect(own.headers.get('access-control-allow-credentials')).toBe('true');
    const other = await asked('https://other.example');
    expect(other.status).toBe(401);
    expect(other.headers.get('access-control-allow-credentials')).toBeNull();
    expect(other.headers.get('access-control-allow-origin')).toBe('https://other.example');
    const socket = await server.open('/ws/', [], { ...cookie, origin: 'https://other.example' }).settled();
    expect(socket.closed).toMatchObject({ code: 4401 });
    const streams = await server.open('/ws/', [], { ...cookie, origin: named }).settled();
    expect(streams.of('synced')).toHaveLength(1);
  });

  test('is let in by a token', async () => {
    const headers = { authorization: `Bearer ${token({ sub: '1' })}`, origin: 'https://other.example' };
    expect((await server.call('GET', '/api/v1/whoami', undefined, headers)).status).toBe(200);
  });

  test.each([{ url: 'http://127.0.0.1:1/who' }, { authenticate: () => null }])(
    'is refused at the start where the application’s own session says who calls: %j',
    async (auth) => {
      await expect(createTidings({ auth: { ...auth, allowedOrigins: ['*'] } })).rejects.toMatchObject({
        code: 'bad_request',
        message: expect.stringMatching(
          /^"\*" in auth\.allowedOrigins cannot be combined with auth\.(url|authenticate): .* name the origins/,
        ),
      });
    },
  );
});

test('refusals are logged once a second for each address and reason, with a count, and without what was in the query', async () => {
  events.length = 0;
  const refuse = () => server.call('GET', '/api/v1/whoami?token=secret', undefined, { authorization: '' });
  for (let n = 0; n < 20; n++) expect((await refuse()).status).toBe(401);
  const logged = () => events.filter((event) => event.type === 'request_refused');
  expect(logged().length).toBeLessThan(20);
  await expect
    .poll(async () => {
      await refuse();
      return logged().some(({ repeated = 0 }) => repeated > 0);
    })
    .toBe(true);
  expect(logged()[0]).toMatchObject({ code: 'unauthenticated', call: 'GET /api/v1/whoami', address: '127.0.0.1' });
  expect(JSON.stringify(logged())).not.toContain('secret');
});
