import type { Phase } from './machine.ts';
import type { Settings } from './options.ts';
import type { ClientReason, ClientState, ReasonCode } from './state.ts';
import type { pageOrigin, serverUrl } from './url.ts';

/** The known facts of an attempt, or a connection, that has ended. */
interface Ended {
  /** An error, what came in the place of a greeting, or the event of a close; undefined if nothing came in time. */
  problem: unknown;
  phase: Phase;
  /** The token; null if there was none yet, empty for the cookie. */
  token: string | null;
  /** With the source of the token that is in use. */
  settings: Settings;
  state: ClientState;
  /** The time of the first refusal since the last accepted token, in milliseconds since 1970; 0 for none. */
  refusedAt: number;
  url: typeof serverUrl;
  origin: typeof pageOrigin;
}

/** Why there is no connection, and in how many milliseconds the next attempt begins; null for none. */
export interface Verdict {
  reason: ClientReason;
  delayMs: number | null;
}

/** By close code, as PROTOCOL.md lists them. */
const closes: Record<number, ReasonCode> = {
  1009: 'payload_too_large',
  1012: 'restarting',
  1013: 'unavailable',
  4400: 'bad_response',
  4401: 'unauthenticated',
  4403: 'forbidden',
  4408: 'too_slow',
  4409: 'too_many',
  4429: 'too_many',
};
/** Time for which new tokens may be refused, one after another, before the client gives up. */
const refusalsMs = 60_000;
/** Time limit of each request, in milliseconds. */
const requestTimeoutMs = 5_000;
const refusals: Record<number, ReasonCode> = { 401: 'unauthenticated', 403: 'forbidden', 429: 'too_many' };
const proxied =
  'let the proxy in between (that of Vite, Angular, Next or webpack, nginx, ...) pass /ws/, with its upgrade, and /api/ to the Tidings server';

/**
 * Finds out why there is no connection, and what to do. Never rejects. Loaded when it is needed, so this file shares no code with the
 * code that is loaded at once: shared code would be one more file for each page.
 */
export async function judge(ended: Ended): Promise<Verdict> {
  const { state, settings } = ended;
  const attempt = state.attempt + 1;
  const { attempts } = settings.reconnect;
  const { code, message, retryable } = await reasonOf(ended);
  // A timer of more than 2^31 - 1 ms ends at once.
  let delayMs = Math.min(retryAfter(ended.problem) ?? backOff(attempt, settings), 2e9);
  let again = retryable;
  if (code === 'unauthenticated' && ended.token !== null && !again) {
    again = mayRenew(ended);
    if (!ended.refusedAt) delayMs = 0;
  }
  // Pages of this origin were accepted before: a server or proxy is probably starting.
  if (code === 'origin_not_allowed') again = state.user !== null;
  // Resuming at once, where it did not help, must not become a loop.
  if (code === 'too_slow' && attempt === 1) delayMs = 0;
  if (again && attempt <= attempts) return { reason: { code, message, retryable: true }, delayMs };
  const given = again && attempts > 0 ? `; gave up: reconnect.attempts is ${attempts}` : '';
  return { reason: { code, message: message + given, retryable: false }, delayMs: null };
}

/** A refused token may be stale: a token function is called again, at once and then for a minute; a cookie is tried once more. */
function mayRenew({ refusedAt, settings }: Ended): boolean {
  const source = settings.token;
  if (typeof source === 'string') return false;
  return !refusedAt || (!!source && settings.clock.now() < refusedAt + refusalsMs);
}

/** Exponential, from half to one and a half of the nominal delay, so that many clients do not come at once. */
function backOff(attempt: number, settings: Settings): number {
  const { minDelayMs, maxDelayMs } = settings.reconnect;
  return Math.round(Math.min(maxDelayMs, minDelayMs * 2 ** (attempt - 1)) * (0.5 + settings.random()));
}

/** The delay in the reason of a close: a server that restarts spreads its clients in this way. */
function retryAfter(problem: unknown): number | undefined {
  try {
    const { retry_after_ms } = JSON.parse((problem as CloseEvent).reason);
    return retry_after_ms >= 0 ? retry_after_ms : undefined;
  } catch {
    return undefined;
  }
}

async function reasonOf(ended: Ended): Promise<ClientReason> {
  const { problem, phase, token, settings, origin } = ended;
  if (token === null) return noToken(ended);
  const base = baseOf(ended);
  if (!base) {
    const url = settings.url || origin() || 'none';
    const remedy =
      'pass {url: "https://notify.example.com"} or set NEXT_PUBLIC_TIDINGS_URL (with Vite: tidingsUrlFromEnv() of @tidings/client/vite)';
    return because(
      'bad_request',
      `the address of the Tidings server must begin with http(s)://; got ${url}: ${remedy}`,
      false,
    );
  }
  if (typeof problem === 'string') {
    const heard = `something else than a Tidings server answers at ${base.href}ws/ (it said ${problem.slice(0, 60)})`;
    return because('unreachable', `${heard}: give webpack-dev-server's own socket another path, and ${proxied}`, true);
  }
  if (problem instanceof Error) return because('bad_request', `no connection can be opened: ${problem.message}`, false);
  const close = problem as CloseEvent | undefined;
  const code = closes[close?.code ?? 0];
  if (close && code) {
    const said = /^[^{]/.test(close.reason) ? `: ${close.reason}` : '';
    return because(code, `the server closed the connection (${close.code})${said}`, !/^440[13]/.test(`${close.code}`));
  }
  if (phase === 'opening') return whyRefused({ ...ended, base });
  const how = close ? `it was closed (${close.code})` : 'nothing was heard for too long';
  return because('connection_lost', `the connection was lost: ${how}`, true);
}

function baseOf({ url, settings }: Ended): URL | null {
  try {
    return url(settings.url);
  } catch {
    return null;
  }
}

interface Question extends Ended {
  base: URL;
}

/** A source that says that nobody is signed in is final, and so is a text that is no token; all else may pass. */
function noToken({ problem, settings }: Ended): ClientReason {
  if (problem instanceof Error) {
    const { code, retryable, message } = problem as Error & Partial<ClientReason>;
    const isFinal = retryable === false && (code === 'unauthenticated' || code === 'forbidden');
    return isFinal
      ? because(code, message, false)
      : because('unauthenticated', `no token could be had: ${message}`, true);
  }
  const text = String(problem);
  const came =
    problem === undefined ? 'waited 15 s' : text ? `got what begins with "${text.slice(0, 16)}"` : 'got nothing';
  return because('unauthenticated', `expected a token, ${came}`, typeof settings.token === 'function');
}

/** Browsers hide why an upgrade was refused, so the same question is asked by HTTP: who am I? */
async function whyRefused(question: Question): Promise<ClientReason> {
  const { base } = question;
  const origin = question.origin();
  const answer = (await whoami(question)) ?? ((await isHidden(question)) ? 'hidden' : null);
  if (answer === 'hidden') return originNotAllowed(base, origin);
  if (answer === null) {
    return because('unreachable', `no server answered at ${base.href}: is it running, and is the address right?`, true);
  }
  const { status, code, message, isOurs } = answer;
  if (code === 'origin_not_allowed') return originNotAllowed(base, origin);
  const reason = status >= 500 ? 'unavailable' : refusals[status];
  if (reason) return because(reason, message ?? `${base.href} answers ${status}`, status >= 429);
  const what = isOurs ? 'no connection can be opened there' : `is no Tidings server (${status} to /api/v1/whoami)`;
  return because('unreachable', `${base.href} answers, but ${what}: ${proxied}`, true);
}

interface Answer {
  status: number;
  code: string | undefined;
  message: string | undefined;
  /** True if a Tidings server said who this is. */
  isOurs: boolean;
}

async function whoami({ base, token, settings }: Question): Promise<Answer | null> {
  const { query } = settings;
  const url = new URL(`api/v1/whoami?${new URLSearchParams(query)}`, base);
  const init: RequestInit = token
    ? { headers: { authorization: `Bearer ${token}` }, credentials: 'omit' }
    : { credentials: 'include' };
  const response = await get(settings, url, init);
  if (!response) return null;
  const body = (await response.json().catch(() => null)) as {
    code?: string;
    message?: string;
    user_id?: string;
  } | null;
  return { status: response.status, code: body?.code, message: body?.message, isOurs: !!body?.user_id };
}

/**
 * True if a server answers, but the page may not read its answers. Asked twice, with a readable request between, since a server that
 * has just started looks the same for a moment.
 */
async function isHidden(question: Question): Promise<boolean> {
  const { base, settings } = question;
  const origin = question.origin();
  if (!origin || origin === base.origin) return false;
  const healthz = () => get(settings, new URL('healthz', base), { mode: 'no-cors' });
  return (await healthz()) !== null && (await whoami(question)) === null && (await healthz()) !== null;
}

async function get(
  { fetch = globalThis.fetch, clock }: Settings,
  url: URL,
  init: RequestInit,
): Promise<Response | null> {
  const abort = new AbortController();
  const cancel = clock.after(requestTimeoutMs, () => abort.abort());
  try {
    return await fetch(url, { ...init, cache: 'no-store', signal: abort.signal });
  } catch {
    return null;
  } finally {
    cancel();
  }
}

function originNotAllowed(base: URL, origin = 'https://app.example'): ClientReason {
  const message = `${base.origin} does not accept pages of ${origin}: name it in auth.allowedOrigins (--allowed-origins) of the server`;
  return because('origin_not_allowed', message, false);
}

const because = (code: ReasonCode, message: string, retryable: boolean): ClientReason => ({ code, message, retryable });
