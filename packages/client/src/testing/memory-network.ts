import type { ServerFrame } from '@tidings/protocol';

/** The server's end of a connection that exists in memory only. */
export interface MemorySocket {
  readonly query: URLSearchParams;
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

    constructor(url: string) {
      queueMicrotask(() => {
        this.onopen?.();
        accept({
          query: new URL(url).searchParams,
          deliver: (frame) => this.onmessage?.({ data: JSON.stringify(frame) }),
          drop: () => this.onclose?.({ code: 1006, reason: '' }),
        });
      });
    }
    send(): void {}
    close(): void {}
  }
  return {
    WebSocket: InMemory as unknown as typeof WebSocket,
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  };
}
