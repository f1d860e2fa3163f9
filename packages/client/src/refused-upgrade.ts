import type { Clock } from './options.ts';
import type { ClientReason, ReasonCode } from './state.ts';

interface Question {
  base: URL;
  token: string | undefined;
  query: Record<string, string>;
  fetch: typeof fetch;
  clock: Clock;
  /** Of this page; undefined outside pages. */
  origin: string | undefined;
}

const patienceMs = 10_000;
const refusals: Record<number, ReasonCode> = { 401: 'unauthenticated', 403: 'forbidden', 429: 'too_many' };

/**
 * Browsers hide why an upgrade was refused, so the same question is asked by HTTP: who am I? Never rejects.
 * Loaded when it is needed, so that this file shares no code with what is loaded at once.
 */
export async function whyRefused(question: Question): Promise<ClientReason> {
  const { base, origin } = question;
  const answer = (await whoami(question)) ?? ((await isHidden(question)) ? 'hidden' : null);
  if (answer === 'hidden') return originNotAllowed(base, origin);
  if (answer === null) {
    return because('unreachable', `no server answered at ${base.href}: is it running, and is the address right?`, true);
  }
  const { status, code, message } = answer;
  if (code === 'origin_not_allowed') return originNotAllowed(base, origin);
  const reason = status >= 500 ? 'unavailable' : refusals[status];
  if (reason) return because(reason, message ?? `${base.href} answers ${status}`, status >= 429);
  const what = status === 200 ? 'refuses WebSockets: let the proxy before it pass on upgrades' : `answers ${status}`;
  return because('unreachable', `${base.href} answers, but ${what}; it must lead to a Tidings server`, true);
}

interface Answer {
  status: number;
  code?: string;
  message?: string;
}

async function whoami({ base, token, query, fetch, clock }: Question): Promise<Answer | null> {
  const url = new URL(`api/v1/whoami?${new URLSearchParams(query)}`, base);
  const init: RequestInit = token
    ? { headers: { authorization: `Bearer ${token}` }, credentials: 'omit' }
    : { credentials: 'include' };
  const response = await get(fetch, clock, url, init);
  if (!response) return null;
  const problem = (await response.json().catch(() => null)) as { code?: string; message?: string } | null;
  return { status: response.status, code: problem?.code, message: problem?.message };
}

/**
 * Whether a server answers whose answers this page may not read. Asked twice, with the readable question between, since a server that
 * has just come up looks the same for a moment.
 */
async function isHidden(question: Question): Promise<boolean> {
  const { base, fetch, clock, origin } = question;
  if (!origin || origin === base.origin) return false;
  const healthz = () => get(fetch, clock, new URL('healthz', base), { mode: 'no-cors' });
  return (await healthz()) !== null && (await whoami(question)) === null && (await healthz()) !== null;
}

async function get(
  fetch: typeof globalThis.fetch,
  clock: Clock,
  url: URL,
  init: RequestInit,
): Promise<Response | null> {
  const abort = new AbortController();
  const cancel = clock.after(patienceMs, () => abort.abort());
  try {
    return await fetch(url, { ...init, cache: 'no-store', signal: abort.signal });
  } catch {
    return null;
  } finally {
    cancel();
  }
}

function originNotAllowed(base: URL, origin = 'https://app.example'): ClientReason {
  const message = `${base.origin} does not accept pages of ${origin}: start the server with --allowed-origins ${origin}`;
  return because('origin_not_allowed', message, false);
}

const because = (code: ReasonCode, message: string, retryable: boolean): ClientReason => ({ code, message, retryable });
