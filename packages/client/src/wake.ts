/**
 * Calls when the device comes back to the network, or the page to the front: the moments at which timers have slept and connections
 * may be dead. Does nothing where there is no such thing.
 *
 * @returns what stops it
 */
export function onWake(wake: () => void): () => void {
  const { document, addEventListener, removeEventListener } = globalThis;
  const visible = () => {
    if (!document.hidden) wake();
  };
  addEventListener?.('online', wake);
  document?.addEventListener('visibilitychange', visible);
  return () => {
    removeEventListener?.('online', wake);
    document?.removeEventListener('visibilitychange', visible);
  };
}
