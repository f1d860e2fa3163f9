import type { Transport } from '../transport/transport.ts';
import { loadedTransport } from './loaded-transport.ts';
import { loadTransports } from './parts.ts';

/** In the place of the client's own `long-poll.ts`, which is in a script of its own here. */
export const longPollTransport = (): Transport =>
  loadedTransport('long polling', async () => (await loadTransports()).longPollTransport());
