import type { ClientAction, ServerFrame } from '@tidings/protocol';

/** The server's end of a connection that exists in memory only. */
export interface MemorySocket {
  readonly query: URLSearchParams;
  /** Receives the client's actions; a test sets it. */
  onAction: (action: ClientAction) => void;
  deliver(frame: ServerFrame): void;
  drop(): void;
}

/** A network without a network, for tests that make thousands of connections. */
export function memoryNetwork(accept: (socket: MemorySocket) => void): {
  WebSocket: typeof WebSocket;
  settle(): Promise<void>;
} {
  class InMemory {
    onopen: (() => void) | null = null;
    onmessage: ((event: { data: string }) => void) | null = null;
    onclose: ((event: { code: number; reason: string }) => void) | null = null;
    onerror: (() => void) | null = null;
    #accepted: MemorySocket | null = null;

    constructor(url: string) {
      queueMicrotask(() => {
        this.onopen?.();
        this.#accepted = {
          query: new URL(url).searchParams,
          onAction() {},
          deliver: (frame) => this.onmessage?.({ data: JSON.stringify(frame) }),
          drop: () => this.onclose?.({ code: 1006, reason: '' }),
        };
        accept(this.#accepted);
      });
    }
    send(text: string): void {
      this.#accepted?.onAction(JSON.parse(text));
    }
    close(): void {}
  }
  return {
    WebSocket: InMemory as unknown as typeof WebSocket,
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  };
}
