import { EventText } from './event-text.ts';
import { cut, type FrameSource, HttpConnection, sessionName } from './http-connection.ts';
import { Patience } from './patience.ts';
import type { Transport, TransportClose, TransportOptions } from './transport.ts';

/** The server ends a stream that has reached its age: the next one goes on. */
const normalClose = 1000;

const eventStream = (patience: Patience): FrameSource => ({
  path: 'events',
  session: sessionName(),
  query: () => ({ ping: `${patience.seconds}` }),
  patience,
  // 2.5 times the longest pause between two signs of life.
  traits: { silenceMs: 30_000 },
  async read(response, { frame, alive }) {
    const reader = response.body?.getReader();
    if (!reader || !/^text\/event-stream/.test(response.headers.get('content-type') ?? '')) return cut;
    let close: TransportClose = cut;
    const events = new EventText((name, data) => {
      if (name === 'closed') close = JSON.parse(data);
      else frame(JSON.parse(data));
    });
    const decoder = new TextDecoder();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      alive();
      events.add(decoder.decode(part.value, { stream: true }));
    }
    return close.code === normalClose ? null : close;
  },
});

/** The transport by Server-Sent Events, read by `fetch`, which sends the token as a header. Actions are requests of their own. */
export const eventStreamTransport = ({ fetch = globalThis.fetch }: TransportOptions = {}): Transport => {
  const source = eventStream(new Patience(12, 4));
  return {
    name: 'Server-Sent Events',
    connect: (address, events) => new HttpConnection(address, events, source, fetch),
  };
};
