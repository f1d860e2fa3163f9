import type { Transport } from '../transport/transport.ts';
import { loadedTransport } from './loaded-transport.ts';
import { loadTransports } from './parts.ts';

/** In the place of the client's own `event-stream.ts`, which is in a script of its own here. */
export const eventStreamTransport = (): Transport =>
  loadedTransport('Server-Sent Events', async () => (await loadTransports()).eventStreamTransport());
