import type { TidingsClient } from '../client.ts';
import type { Room, RoomOptions } from '../room.ts';
import type { ClientStatus } from '../state.ts';
import type { Transport } from '../transport/transport.ts';
import { loadRoom } from './parts.ts';

/** The global of the one-script build: the shared client, seen through the things that a plain page needs. */
export interface TaskNotifications extends Pick<TidingsClient, 'connect' | 'subscribe' | 'on'> {
  /** `readyState` as a WebSocket has it: 0 connecting, 1 open, 3 closed. */
  readonly ws: { readonly readyState: 0 | 1 | 3 };
  /** Follows a room, as `project:12`, whose script is loaded first. Rejects for what is no name of a room, and where the script does not come. */
  room(name: string, options?: RoomOptions): Promise<Room>;
  /** The whole client, with its inbox, tasks and state. */
  readonly client: TidingsClient;
}

const readyStates: Record<ClientStatus, 0 | 1 | 3> = {
  // Until the page has loaded, when it connects.
  idle: 0,
  connecting: 0,
  connected: 1,
  reconnecting: 0,
  closed: 3,
};

export function taskNotificationsOf(client: TidingsClient): TaskNotifications {
  const { connect, subscribe, on } = client;
  return {
    connect,
    subscribe,
    on,
    ws: {
      get readyState() {
        return readyStates[client.state.status];
      },
    },
    room: async (name, options) => (await loadRoom()).room(client, name, options),
    client,
  };
}

/** Says in the page's console when it is connected, and by which transport, and when and why it is not; each change once. */
export function logState(
  client: TidingsClient,
  transport: Pick<Transport, 'name'>,
  console: Pick<Console, 'log' | 'warn'>,
): void {
  let said = '';
  client.onState(({ status, reason }) => {
    const text =
      status === 'connected' ? `${transport.name} connected` : reason ? `Tidings ${status}: ${reason.message}` : said;
    if (text === said) return;
    said = text;
    if (status === 'connected') console.log(text);
    else console.warn(text);
  });
}
