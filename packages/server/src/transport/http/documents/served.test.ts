import { actionSchemas } from '@tidings/protocol/schemas';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunningServer } from '../../../../testing/running-server.ts';

interface Message {
  examples: { payload: object }[];
}

let server: RunningServer;
let messages: Record<string, Message>;
beforeAll(async () => {
  server = await RunningServer.start();
  messages = (await server.call('GET', '/asyncapi.json')).body.components.messages;
});
afterAll(() => server.stop());

describe('the documents of a server that runs', () => {
  test('are for anybody, and say where the server is reached', async () => {
    const nobody = { authorization: '' };
    const { status, body, headers } = await server.call('GET', '/asyncapi.json', undefined, nobody);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(body.servers.here).toMatchObject({ host: new URL(server.url).host, protocol: 'ws' });
    const behind = await server.call('GET', '/asyncapi.json', undefined, { ...nobody, 'x-forwarded-proto': 'https' });
    expect(behind.body.servers.here.protocol).toBe('wss');
    const openApi = await server.call('GET', '/openapi.json', undefined, nobody);
    expect(openApi).toMatchObject({ status: 200, body: { openapi: '3.1.0', servers: [{ url: server.url }] } });
  });

  test.each(Object.keys(actionSchemas))('say of the action %s no more than this version serves', async (name) => {
    const { examples } = messages[`action.${name}`] as Message;
    const { body } = await server.callAs('42', 'POST', '/api/v1/actions', examples[0]?.payload);
    expect(/does not know the action/.test(body.message ?? ''), body.message).toBe(false);
  });

  test('show what can be sent as it stands', async () => {
    const { paths } = (await server.call('GET', '/openapi.json')).body;
    for (const path of ['/api/v1/notifications', '/api/v1/notifications/batch']) {
      const { examples } = paths[path].post.requestBody.content['application/json'];
      for (const [name, { value }] of Object.entries<{ value: { callback_url?: string } }>(examples)) {
        // Each server has its own list of callback origins.
        const { callback_url: _url, ...sent } = value;
        const answer = await server.call('POST', path, Array.isArray(value) ? value : sent);
        expect(answer, name).toMatchObject({ status: 201 });
      }
    }
  });
});
