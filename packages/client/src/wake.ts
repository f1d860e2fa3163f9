/**
 * Calls when the device comes back to the network, or the page to the front: the moments at which timers have slept and connections
 * may be dead. Does nothing if there is no such thing.
 *
 * @returns what stops it
 */
export function onWake(wake: () => void): () => void {
  const { document, addEventListener } = globalThis;
  const stop = new AbortController();
  const { signal } = stop;
  addEventListener?.('online', wake, { signal });
  document?.addEventListener('visibilitychange', () => document.hidden || wake(), { signal });
  return () => stop.abort();
}
