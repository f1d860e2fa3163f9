import { type Frame, type FrameSource, HttpConnection, sessionName } from './http-connection.ts';
import { Patience } from './patience.ts';
import type { Transport, TransportClose, TransportOptions } from './transport.ts';

const longPoll = (patience: Patience): FrameSource => ({
  path: 'sync',
  session: sessionName(),
  query: (isFirst) => ({ wait: isFirst ? '0' : `${patience.seconds}` }),
  patience,
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
});

/** The transport by long polling, which passes wherever a request does. */
export const longPollTransport = ({ fetch = globalThis.fetch }: TransportOptions = {}): Transport => {
  // Some proxies give up after 15 s.
  const source = longPoll(new Patience(12, 1));
  return { name: 'long polling', connect: (address, events) => new HttpConnection(address, events, source, fetch) };
};
