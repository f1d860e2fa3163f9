import type { Transport, TransportConnection } from '../transport/transport.ts';

/** A transport that is a script of its own here, and is loaded when it is needed. It is silent until then. */
export const loadedTransport = (name: string, load: () => Promise<Transport>): Transport => ({
  name,
  connect(address, events) {
    let connection: TransportConnection | null = null;
    let isClosed = false;
    load()
      .then((transport) => {
        if (!isClosed) connection = transport.connect(address, events);
      })
      .catch(() => isClosed || events.closed({ code: 1006, reason: '' }));
    return {
      get traits() {
        return (connection as TransportConnection).traits;
      },
      send: (text) => connection?.send(text),
      close() {
        isClosed = true;
        connection?.close();
      },
    };
  },
});
