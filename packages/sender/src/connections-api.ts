import type { ConnectedUser, Connection, TidingsError } from '@tidings/protocol';
import type { Id } from './named/functions.ts';
import { type NeverThrow, portTimeoutMs } from './never-throw.ts';
import type { SenderPort } from './port.ts';

/** The result of `testWebsocketConnection`. */
export interface ConnectionTest {
  username: string;
  user_id: string | null;
  connected: boolean;
  /** True if a probe came back from at least one session. */
  answered: boolean;
  connections: Connection[];
  /** The reason why the test failed; null if it did not. */
  error: TidingsError | null;
}

/** Functions that ask who is connected. */
export interface ConnectionFunctions {
  /** Lists the users who are connected now. Never throws: on failure the list is empty and `lastError()` has the reason. */
  getConnectedUsers(): Promise<ConnectedUser[]>;
  /** Tests whether a user is connected, on which devices, and whether a probe comes back. Never throws. */
  testWebsocketConnection(username: Id): Promise<ConnectionTest>;
}

export function connectionsApi(port: SenderPort, neverThrow: NeverThrow): ConnectionFunctions {
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
