import type { Id } from './named/functions.ts';
import { type NeverThrow, portTimeoutMs } from './never-throw.ts';
import type { SenderPort } from './port.ts';
import type { ConnectionTest, Sender } from './sender.ts';

export function connectionsApi(
  port: SenderPort,
  neverThrow: NeverThrow,
): Pick<Sender, 'getConnectedUsers' | 'testWebsocketConnection'> {
  return {
    async getConnectedUsers() {
      const users = await neverThrow.run('getConnectedUsers', () => port.connectedUsers({ timeoutMs: portTimeoutMs }));
      return users.ok ? users.value : [];
    },
    testWebsocketConnection: (username) => testConnection(port, neverThrow, username),
  };
}

async function testConnection(port: SenderPort, neverThrow: NeverThrow, name: Id): Promise<ConnectionTest> {
  let username = '';
  const found = await neverThrow.run('testWebsocketConnection', async () => {
    username = String(name);
    return port.connectionsOf({ username }, { probe: true, timeoutMs: portTimeoutMs });
  });
  if (!found.ok) {
    return { username, user_id: null, connected: false, answered: false, connections: [], error: found.error };
  }
  const { user_id, connected, connections } = found.value;
  const answered = connections.some((connection) => connection.round_trip_ms !== null);
  return { username, user_id, connected, answered, connections, error: null };
}
