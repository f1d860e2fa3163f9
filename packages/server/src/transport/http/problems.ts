import { docsUrl, type ErrorCode, errorCodes, TidingsError } from '@tidings/protocol';
import { limits, type Problem } from '@tidings/protocol/schemas';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { internalError } from '../../domain/internal-error.ts';
import { LimitExceeded } from '../../domain/limit-exceeded.ts';
import type { Clock } from '../../domain/ports.ts';
import type { Telemetry } from '../../telemetry/events.ts';
import { MethodTable } from './method-table.ts';
import type { RefusalLog } from './refusal-log.ts';

/** The title of each status. */
export const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  507: 'Insufficient Storage',
};

/** An error as a problem document (RFC 9457), with the code, message and docs_url that every Tidings error has. */
export function problem(error: TidingsError): Problem {
  const { code, message, status, index, retry_after_ms } = error;
  const docs_url = docsUrl(code);
  const item = index === undefined ? {} : { index };
  const wait = retry_after_ms === undefined ? {} : { retry_after_ms };
  const title = titles[status] ?? code;
  return { type: docs_url, title, status, detail: message, code, message, docs_url, ...item, ...wait };
}

/** True if the same call may succeed a little later; such answers carry `Retry-After`. */
export const isTemporary = (status: number): boolean => status === 503 || status === 429;

/** Headers of personal answers: no cache keeps them, and no browser guesses another content type. */
export const privateHeaders = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/** Headers of a refusal: when to try again, or how to say who one is (RFC 6750 section 3). */
export function headersOf(error: TidingsError): Record<string, string> {
  const { status, code, retry_after_ms = 1_000 } = error;
  return {
    ...(isTemporary(status) ? { 'Retry-After': String(Math.ceil(retry_after_ms / 1_000)) } : {}),
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(code === 'upgrade_required' ? { Upgrade: 'websocket', Connection: 'Upgrade' } : {}),
  };
}

export function sendProblem(reply: FastifyReply, error: TidingsError): FastifyReply {
  return reply
    .headers({ ...privateHeaders, ...headersOf(error) })
    .code(error.status)
    .type('application/problem+json')
    .send(JSON.stringify(problem(error)));
}

export interface ProblemParts {
  telemetry: Telemetry;
  clock: Clock;
  log: RefusalLog;
  isSocketPath: (path: string) => boolean;
}

/** The time for which a refusal for a limit is held back, ms, so that it costs little to refuse a client that does not wait. */
const heldBackMs = 250;

/** Answers every failure of a route in the one form. A fault of the server itself is logged, and its details are not sent. */
export function answerProblems(app: FastifyInstance, { telemetry, clock, log, isSocketPath }: ProblemParts): void {
  app.setErrorHandler<FastifyError | TidingsError>(async (error, request, reply) => {
    if (error instanceof TidingsError) {
      log.note(error, request);
      if (error instanceof LimitExceeded) await new Promise<void>((resolve) => clock.after(heldBackMs, resolve));
      return sendProblem(reply, error);
    }
    const known = fromFastify(error);
    if (!known) telemetry.emit({ type: 'failure', where: 'http', error });
    return sendProblem(reply, known ?? internalError());
  });
  const methods = new MethodTable(app);
  app.setNotFoundHandler(({ method, url }, reply) => {
    const path = url.split('?', 1)[0] as string;
    if (isSocketPath(path)) return sendProblem(reply, new TidingsError('upgrade_required', upgradeNeeded));
    const allowed = methods.of(path);
    if (allowed.length > 0)
      return sendProblem(reply.header('allow', allowed.join(', ')), wrongMethod(method, path, allowed));
    const where = `${method} ${path}`.slice(0, 200);
    return sendProblem(reply, new TidingsError('not_found', `there is no ${where} here; see ${docsUrl('http')}`));
  });
}

const wrongMethod = (method: string, path: string, allowed: readonly string[]): TidingsError =>
  new TidingsError(
    'method_not_allowed',
    `${method} is no method of ${path.slice(0, 200)}; use ${new Intl.ListFormat('en', { type: 'disjunction' }).format(allowed)}`,
  );

const upgradeNeeded =
  'this is the address of a WebSocket: connect by ws:// or wss://, through proxies that pass on the headers Upgrade and Connection';

/** Answers a request whose path is none before there is a route to fail. */
export function answerUnrouted(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(reply, new TidingsError('bad_request', explainPath(error, request.raw.url ?? '')));
}

function explainPath({ code }: FastifyError, url: string): string {
  const got = JSON.stringify((url.split('?', 1)[0] as string).slice(0, 60));
  return code === 'FST_ERR_MAX_PARAM_LENGTH'
    ? `what a path names has 1 to ${limits.id} characters; one of these has more: ${got}`
    : `a path must be UTF-8 as encodeURIComponent writes it; got ${got}`;
}

/** Fastify's own errors: a body that is no JSON, or too large, or of another type. */
function fromFastify(error: FastifyError): TidingsError | null {
  const { statusCode = 500 } = error;
  if (statusCode >= 500) return null;
  const code = (Object.keys(errorCodes) as ErrorCode[]).find((name) => errorCodes[name].status === statusCode);
  return new TidingsError(code ?? 'bad_request', explain(error));
}

function explain(error: FastifyError): string {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return 'the body is larger than 1 MiB; send less at once';
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'the body must be JSON, with Content-Type: application/json';
    default:
      return `the request cannot be read: ${error.message}`;
  }
}
