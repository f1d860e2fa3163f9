/**
 * An event on one of the page's sockets.
 * @typedef {{ kind: 'in' | 'out', text: string } | { kind: 'open', text: string } | { kind: 'close', text: string, code: number }} WireEvent
 */

/** The newest socket, so that it can be broken on purpose. @type {{ current: WebSocket | null }} */
const newest = { current: null };

/**
 * Makes every socket that the page opens from now on emit what goes over it, as it is on the wire.
 * @param {(event: WireEvent) => void} emit
 */
export function tapSockets(emit) {
  window.WebSocket = class extends WebSocket {
    /**
     * @param {string | URL} url
     * @param {string | string[]} [protocols]
     */
    constructor(url, protocols) {
      super(url, protocols);
      newest.current = this;
      this.addEventListener('open', () => emit({ kind: 'open', text: String(url) }));
      this.addEventListener('message', ({ data }) => emit({ kind: 'in', text: String(data) }));
      this.addEventListener('close', ({ code, reason }) => emit({ kind: 'close', text: reason, code }));
    }

    /**
     * @override
     * @param {Parameters<WebSocket['send']>[0]} data
     */
    send(data) {
      emit({ kind: 'out', text: String(data) });
      super.send(data);
    }
  };
}

/** Ends the connection as a bad network would, without a word to the client. */
export function breakSocket() {
  newest.current?.close(4000, 'broken on purpose by the test page');
}
