import { type Frame, type FrameSource, HttpConnection } from './http-connection.ts';
import type { Transport, TransportClose } from './transport.ts';

const longPoll: FrameSource = {
  path: 'sync',
  // Some proxies give up after 15 s.
  query: (isFirst) => ({ wait: isFirst ? '0' : '12' }),
  traits: { silenceMs: 30_000 },
  async read(response, { frame, alive }) {
    const frames = (await response.json()) as Frame[];
    alive();
    let close: TransportClose | null = null;
    for (const one of frames) {
      const { type, code, reason } = one;
      if (type === 'connection_closed') close = { code, reason } as TransportClose;
      else frame(one);
    }
    return close;
  },
};

/** The transport by long polling, which passes wherever a request does. */
export const longPollTransport = (fetch: typeof globalThis.fetch = globalThis.fetch): Transport => ({
  connect: (address, events) => new HttpConnection(address, events, longPoll, fetch),
});
