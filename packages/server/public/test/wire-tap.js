/**
 * An event on one of the page's sockets.
 * @typedef {{ kind: 'in' | 'out', text: string } | { kind: 'open', text: string } | { kind: 'close', text: string, code: number }} WireEvent
 */

/** The newest socket, so that it can be broken on purpose. @type {{ current: WebSocket | null }} */
const newest = { current: null };

/**
 * Makes every socket that the page opens from now on tell what goes over it, as it is on the wire.
 * @param {(event: WireEvent) => void} tell
 */
export function tapSockets(tell) {
  window.WebSocket = class extends WebSocket {
    /**
     * @param {string | URL} url
     * @param {string | string[]} [protocols]
     */
    constructor(url, protocols) {
      super(url, protocols);
      newest.current = this;
      this.addEventListener('open', () => tell({ kind: 'open', text: String(url) }));
      this.addEventListener('message', ({ data }) => tell({ kind: 'in', text: String(data) }));
      this.addEventListener('close', ({ code, reason }) => tell({ kind: 'close', text: reason, code }));
    }

    /**
     * @override
     * @param {Parameters<WebSocket['send']>[0]} data
     */
    send(data) {
      tell({ kind: 'out', text: String(data) });
      super.send(data);
    }
  };
}

/** Ends the connection as a bad network would, without a word to the client. */
export function breakSocket() {
  newest.current?.close(4000, 'broken on purpose by the test page');
}
