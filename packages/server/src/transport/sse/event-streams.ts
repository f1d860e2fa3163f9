import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { type Admission, closeOf } from '../../session/admission.ts';
import type { Close } from '../../session/close.ts';
import type { Begin, ResponseTransport } from '../http/response-transport.ts';
import { EventStreamConnection, retryAfter, spread } from './event-stream-connection.ts';
import { closedEvent, retryField } from './event-stream-encoding.ts';

/** Together they keep what lies between from storing, compressing or gathering a stream. Varnish and Caddy compress in spite of `no-transform`, but not what has an encoding. */
const headers: OutgoingHttpHeaders = {
  'content-type': 'text/event-stream',
  'content-encoding': 'identity',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

/** Sessions over Server-Sent Events: the frames of `/ws/` as a stream of events. */
export class EventStreams implements ResponseTransport {
  readonly #admission: Pick<Admission, 'admit'>;

  constructor(admission: Pick<Admission, 'admit'>) {
    this.#admission = admission;
  }

  /**
   * Lets the client of a request in, or throws the TidingsError with which it is refused. Browsers give a stream up for good at any answer but
   * 200, so that whoever may come again is answered by a stream that ends at once, and says when.
   *
   * @param ping the most seconds between two signs of life
   */
  async open(request: IncomingMessage, path: string, ping: number): Promise<Begin> {
    const cursor = request.headers['last-event-id'] as string | undefined;
    const admission = await this.#admission.admit(request, path, { endpoint: '/ws', cursor, isOneWay: true });
    if (admission.kind === 'refused') {
      if (!admission.error.retryable) throw admission.error;
      return ended(closeOf(admission.error));
    }
    if (admission.kind === 'closed') return ended(admission);
    return (response, more) => {
      if (response.destroyed) return;
      response.writeHead(200, { ...more, ...headers });
      if (request.method === 'HEAD') return void response.end();
      response.write(retryField(spread(1_000)));
      // Pings that are due are looked for once a second.
      const connection = new EventStreamConnection(response, (ping - 1) * 1_000);
      const events = admission.begin(connection);
      response.on('drain', () => events.drained());
      response.on('error', () => {});
      response.on('close', () => events.closed(connection.outcome.code, connection.outcome.reason));
    };
  }
}

/** A stream that is over as it begins. */
const ended =
  ({ code, reason, retryAfterMs }: Close): Begin =>
  (response, more) => {
    response.writeHead(200, { ...more, ...headers });
    response.end(closedEvent(code, reason, retryAfterMs ?? retryAfter(code)));
  };
