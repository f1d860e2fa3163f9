/** One connection. Nothing is told of it after `close()` or after `closed`. */
export interface Socket {
  send(text: string): void;
  close(): void;
}

export interface SocketEvents {
  opened(): void;
  received(text: string): void;
  /** The last event. `code` and `reason` as RFC 6455 section 7.4 has them; 1006 where the other side said nothing. */
  closed(code: number, reason: string): void;
}

/** Opens a WebSocket. @throws where the address or a protocol cannot be one */
export function openSocket(
  Implementation: typeof WebSocket,
  url: string,
  protocols: string[],
  events: SocketEvents,
): Socket {
  const socket = new Implementation(url, protocols);
  let listening = true;
  socket.onopen = () => listening && events.opened();
  socket.onmessage = ({ data }) => listening && typeof data === 'string' && events.received(data);
  socket.onclose = ({ code, reason }) => {
    if (listening) events.closed(code, reason);
    listening = false;
  };
  // What follows is a close, which says more; without a handler some implementations throw.
  socket.onerror = () => {};
  return {
    send: (text) => socket.send(text),
    close() {
      listening = false;
      socket.close(1000);
    },
  };
}
