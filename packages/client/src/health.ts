import type { TidingsClient } from './client.ts';
import { type HealthSnapshot, HealthStore } from './health/health-store.ts';

export type { HealthSnapshot } from './health/health-store.ts';

/** The health of the server's nodes, as it is now and live, until `close()`. */
export interface Health {
  getSnapshot(): HealthSnapshot;
  /** Calls the listener after changes: at once, then at most once in 16 ms. @returns a function that removes the listener */
  onChange(listener: () => void): () => void;
  /** Asks again after a refusal, now. It is also asked again when the client has connected anew. */
  retry(): void;
  /** Ends it: this object changes no more. The connection ends once all who use it on this client have closed it. */
  close(): void;
}

/** The store of each client. */
const stores = new WeakMap<TidingsClient, HealthStore>();

/**
 * Reads the health of all nodes on a connection of its own (`/ws/system-health/`), with the client's address, token and ways to reconnect,
 * while the client is connected or tries to be. Only users with the admin role are shown it; for others the status becomes `refused`. May
 * be called before connecting, and as often as wanted: all on one client share one connection. Where no WebSocket gets through, it asks
 * `GET /api/v1/health` every 5 s.
 */
export function systemHealth(client: TidingsClient): Health {
  const store = stores.get(client) ?? new HealthStore(client);
  stores.set(client, store);
  store.use();
  const offs = new Set<() => void>();
  /** The last snapshot, once it is closed. */
  let last: HealthSnapshot | null = null;
  return {
    getSnapshot: () => last ?? store.getSnapshot(),
    onChange(listener) {
      if (last) return () => {};
      const off = store.onChange(listener);
      offs.add(off);
      return off;
    },
    retry: () => last ?? store.retry(),
    close() {
      if (last) return;
      last = store.getSnapshot();
      for (const off of offs) off();
      store.leave();
    },
  };
}
