import { TidingsError } from '@tidings/protocol';
import type { TidingsClient } from './client.ts';
import type { InboxSnapshot } from './inbox.ts';
import { idle } from './state.ts';

/** A client for rendering on a server: as one that was not connected yet, and that never will be. */
export function createInertClient(): TidingsClient {
  const nothing = () => () => {};
  const resolved = () => Promise.resolve();
  const refused = () =>
    Promise.reject(
      new TidingsError('unavailable', 'there is no connection while rendering on a server; ask in the browser'),
    );
  const inbox: InboxSnapshot = { items: [], unreadCount: 0, status: 'waiting', hasMore: true };
  const tasks = new Map<string, never>();
  return {
    state: idle,
    connect: resolved,
    disconnect() {},
    on: nothing,
    onState: nothing,
    subscribe: nothing,
    request: refused,
    inbox: {
      getSnapshot: () => inbox,
      onChange: nothing,
      markRead: refused,
      markAllRead: refused,
      loadMore: refused,
    },
    tasks: { getSnapshot: () => tasks, get: () => undefined, onChange: nothing, cancel: refused },
  };
}
