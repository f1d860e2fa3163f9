import type { TidingsClient } from './client.ts';
import { createTidingsClient } from './create-client.ts';
import type { ClientOptions } from './options.ts';

/** The one shared instance that the contract allows: a page has one connection, whoever asks for it. */
let shared: TidingsClient | undefined;

/**
 * The page's one client, made on first use; the options count only then. Where there is no `window`, as when rendering on a server, each
 * call returns an inert client of its own, so that no two requests share one; programs in Node use `createTidingsClient()`.
 */
export function getTidingsClient(options?: ClientOptions): TidingsClient {
  if (!globalThis.window) return createInertClient();
  shared ??= createTidingsClient(options);
  return shared;
}

/** A client for rendering on a server: as one that was not connected yet, and that never will be; what is asked of it is refused. */
function createInertClient(): TidingsClient {
  const client = createTidingsClient();
  const inert = { ...client, connect: () => Promise.resolve() };
  client.disconnect();
  return inert;
}

export { getTidingsClient as getWebSocketClient };
