import { type Failure, failure } from './failure.ts';
import type { Clock } from './options.ts';
import { pageOrigin } from './url.ts';

interface Question {
  base: URL;
  token: string | undefined;
  query: Record<string, string>;
  fetch: typeof fetch;
  clock: Clock;
}

const patienceMs = 10_000;

/** Browsers hide why an upgrade was refused, so the same question is asked by HTTP: who am I? Never rejects. */
export async function whyRefused(question: Question): Promise<Failure> {
  const { base } = question;
  const answer = (await whoami(question)) ?? ((await isHidden(question)) ? 'hidden' : null);
  if (answer === 'hidden') return originNotAllowed(base);
  if (answer === null) {
    return failure('unreachable', `no server answered at ${base.href}: is it running, and is the address right?`, true);
  }
  const { status, code, message } = answer;
  if (status === 401) return failure('unauthenticated', message ?? 'the token is missing, expired or not valid', false);
  if (code === 'origin_not_allowed') return originNotAllowed(base);
  if (status === 403) return failure('forbidden', message ?? 'this user may not connect', false);
  if (status === 429) return failure('too_many', message ?? 'too many connections or requests', true);
  if (status >= 500) return failure('unavailable', message ?? `the server answers ${status}`, true);
  const what = status === 200 ? 'refuses WebSockets: let the proxy before it pass on upgrades' : `answers ${status}`;
  return failure('unreachable', `${base.href} answers, but ${what}; it must lead to a Tidings server`, true);
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
  const { base, fetch, clock } = question;
  const origin = pageOrigin();
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

function originNotAllowed(base: URL): Failure {
  const origin = pageOrigin() ?? 'https://app.example';
  const message = `${base.origin} does not accept pages of ${origin}: start the server with --allowed-origins ${origin}`;
  return failure('origin_not_allowed', message, false);
}
