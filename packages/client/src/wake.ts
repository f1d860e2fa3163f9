/**
 * Calls when the device comes back to the network, or the page to the front: the moments at which timers have slept and connections
 * may be dead. Does nothing if there is no such thing.
 *
 * @returns what stops it
 */
export function onWake(wake: () => void): () => void {
  const { document, addEventListener } = globalThis;
  // It has the `signal` of the options.
  const stop = new AbortController();
  addEventListener?.('online', wake, stop);
  document?.addEventListener('visibilitychange', () => document.hidden || wake(), stop);
  return () => stop.abort();
}
