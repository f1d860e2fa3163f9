import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { RoomEndpoint } from '../../../testing/room-endpoint.ts';
import { sqliteStore, TempFolder } from '../../../testing/temp-store.ts';
import { until, World } from '../../../testing/world.ts';
import { WebSocketTransport } from './websocket-transport.ts';

test('brings an endpoint binary messages as binary and text as text, in order', async () => {
  const folder = new TempFolder();
  const room = new RoomEndpoint(['ann']);
  const world = await new World(sqliteStore(folder.file()), { endpoints: [room] }).open();
  const transport = new WebSocketTransport(world.admission, { maxPayload: 65_536 });
  const server = createServer().on('upgrade', (request, socket, head) => transport.upgrade(request, socket, head));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const ws = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/room/a?user=ann`);
  await once(ws, 'open');
  const update = Buffer.from([0, 1, 0xff, 0xfe, 0x80]);
  for (const message of ['one', update, 'two']) ws.send(message);
  await until(() => room.heard.length === 3);
  expect(room.heard).toEqual(['one', update, 'two']);
  ws.close();
  await once(ws, 'close');
  await once(server.close(), 'close');
  await world.close();
  folder.remove();
});
