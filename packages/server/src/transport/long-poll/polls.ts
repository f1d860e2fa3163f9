import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { CloseCode, type ErrorCode, TidingsError } from '@tidings/protocol';
import type { Admission } from '../../session/admission.ts';
import type { Close } from '../../session/close.ts';
import { headersOf, problem } from '../http/problems.ts';
import type { Begin, ResponseTransport } from '../http/response-transport.ts';
import { PollConnection } from './poll-connection.ts';

const headers: OutgoingHttpHeaders = { 'content-type': 'application/json; charset=utf-8' };

/** Sessions by long polling: the frames of `/ws/`, an answer at a time. */
export class Polls implements ResponseTransport {
  readonly #admission: Pick<Admission, 'admit'>;

  constructor(admission: Pick<Admission, 'admit'>) {
    this.#admission = admission;
  }

  /**
   * Lets the client of a request in, or throws the TidingsError with which it is refused.
   *
   * @param wait the most seconds to wait for news
   */
  async open(request: IncomingMessage, path: string, wait: number): Promise<Begin> {
    const admission = await this.#admission.admit(request, path, { endpoint: '/ws', isOneWay: true });
    if (admission.kind === 'refused') throw admission.error;
    if (admission.kind === 'closed') throw refusalOf(admission);
    return (response, more) => {
      if (response.destroyed) return;
      if (request.method === 'HEAD') response.writeHead(200, { ...more, ...headers }).end();
      else poll(response, { ...more, ...headers }, { wait, begin: admission.begin });
    };
  }
}

interface PollOptions {
  wait: number;
  begin: Extract<Awaited<ReturnType<Admission['admit']>>, { kind: 'open' }>['begin'];
}

function poll(response: ServerResponse, headers: OutgoingHttpHeaders, { wait, begin }: PollOptions): void {
  let hasLeft = false;
  const leave = (code: number): void => {
    if (hasLeft) return;
    hasLeft = true;
    clearTimeout(timer);
    events.closed(code, '');
  };
  const connection = new PollConnection(
    {
      response,
      begin: () => response.writeHead(200, headers),
      timedOut: () => events.timedOut?.(),
      leave: () => leave(CloseCode.normal),
      refuse: (close) => refuse(response, headers, refusalOf(close)),
    },
    wait > 0,
  );
  const timer = setTimeout(() => connection.stopWaiting(), wait * 1_000);
  const events = begin(connection);
  response.on('drain', () => events.drained());
  response.on('error', () => {});
  response.on('close', () => leave(1006));
}

function refuse(response: ServerResponse, headers: OutgoingHttpHeaders, error: TidingsError): void {
  const type = 'application/problem+json; charset=utf-8';
  response.writeHead(error.status, { ...headers, ...headersOf(error), 'content-type': type });
  response.end(JSON.stringify(problem(error)));
}

/** A close as the answer to a request. */
const refusalOf = ({ code, reason, retryAfterMs }: Close): TidingsError =>
  new TidingsError(errorCodes[code] ?? 'unavailable', reason, { retry_after_ms: retryAfterMs });

const errorCodes: Record<number, ErrorCode> = {
  [CloseCode.badFrames]: 'bad_request',
  [CloseCode.unauthenticated]: 'unauthenticated',
  [CloseCode.forbidden]: 'forbidden',
  [CloseCode.tooManyConnections]: 'too_many',
  [CloseCode.tooManyActions]: 'too_many',
};
