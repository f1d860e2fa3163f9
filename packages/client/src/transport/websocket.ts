import { socketUrl } from '../url.ts';
import type { Transport, TransportOptions } from './transport.ts';

/**
 * The WebSocket transport. Browsers cannot set headers on a WebSocket, so the token travels as a subprotocol.
 *
 * @param path of the socket below the server's base; the inbox by default
 */
export const webSocketTransport = (
  { WebSocket = globalThis.WebSocket }: TransportOptions = {},
  path?: string,
): Transport => ({
  name: 'WebSocket',
  connect({ url, token, query }, { receive, closed }) {
    const protocols = token ? ['tidings.v1', `bearer.${token}`] : 'tidings.v1';
    const socket = new WebSocket(socketUrl(url, query, path), protocols);
    socket.onmessage = ({ data }) => typeof data === 'string' && receive(data);
    socket.onclose = closed;
    // A close follows, with more details; without a handler some implementations throw.
    socket.onerror = () => {};
    return {
      // The server sends something at least every 25 s; 2.5 times that is silence.
      traits: { silenceMs: 62_500 },
      send: (text) => socket.send(text),
      close() {
        socket.onmessage = socket.onclose = null;
        socket.close(1000);
      },
    };
  },
});
