import { TidingsError } from '@tidings/protocol';
import { host } from '../host/node.ts';

/** The server's address and an API key for it. */
export interface Endpoint {
  /** Without a trailing slash, as `http://127.0.0.1:8000`. */
  url: string;
  apiKey: string;
}

/** An endpoint that is looked up when it is first needed. */
export interface EndpointSource {
  /** @throws TidingsError if nothing is configured, or what is configured cannot be used. */
  current(): Endpoint;
  /** Looks it up anew next time: `tidings dev` may have come back on another port. */
  forget(): void;
}

const devFile = '.tidings/dev.json';

function environment(name: string): string | undefined {
  try {
    return globalThis.process?.env?.[name]?.trim() || undefined;
  } catch {
    return undefined; // Deno without the permission to read it
  }
}

function readDevFile(): Endpoint | null {
  const file = host.readUpwards(devFile);
  if (!file) return null;
  try {
    const { url, api_key: apiKey } = JSON.parse(file.text) as { url?: unknown; api_key?: unknown };
    if (typeof url === 'string' && typeof apiKey === 'string') return { url: checkedUrl(url), apiKey };
  } catch {
    // reported below, whatever was wrong with it
  }
  throw new TidingsError(
    'unreachable',
    `${file.path} should hold {"url", "api_key"} and does not: remove it and start "tidings dev" again, or set TIDINGS_URL and TIDINGS_API_KEY`,
    { retryable: false },
  );
}

function checkedUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw badUrl(text);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw badUrl(text);
  if (url.username || url.password) {
    throw new TidingsError('bad_request', `TIDINGS_URL must not hold a user or password; set TIDINGS_API_KEY instead`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

const badUrl = (text: string) =>
  new TidingsError('bad_request', `TIDINGS_URL must be as http://127.0.0.1:8000 or https://host; got "${text}"`);

function checkedKey(apiKey: string): string {
  if (/^[\x21-\x7e]+$/.test(apiKey)) return apiKey;
  throw new TidingsError('bad_request', 'the API key must be printable ASCII without spaces; check TIDINGS_API_KEY');
}

function find(given: { url?: string; apiKey?: string }): Endpoint {
  const url = given.url ?? environment('TIDINGS_URL');
  const apiKey = given.apiKey ?? environment('TIDINGS_API_KEY');
  if (url !== undefined && apiKey !== undefined) return { url: checkedUrl(url), apiKey: checkedKey(apiKey.trim()) };
  const dev = readDevFile();
  if (url === undefined) {
    if (dev) return { url: dev.url, apiKey: checkedKey(apiKey ?? dev.apiKey) };
    throw new TidingsError(
      'unreachable',
      'no Tidings server is configured: set TIDINGS_URL and TIDINGS_API_KEY, pass { url, apiKey }, or start "tidings dev" in this folder or one above it',
      { retryable: false },
    );
  }
  // The key of `tidings dev` is for that server alone, and is sent to no other.
  const checked = checkedUrl(url);
  if (dev?.url === checked) return { url: checked, apiKey: checkedKey(dev.apiKey) };
  throw new TidingsError(
    'unauthenticated',
    `there is no API key for ${checked}: set TIDINGS_API_KEY to the server's --api-key ("tidings dev" prints its own in the line for curl), or pass { apiKey }`,
  );
}

/** Options first, then TIDINGS_URL and TIDINGS_API_KEY, then `.tidings/dev.json` from the working directory upwards. */
export function endpointSource(given: { url?: string; apiKey?: string }): EndpointSource {
  let found: Endpoint | null = null;
  return {
    current() {
      found ??= find(given);
      return found;
    },
    forget() {
      found = null;
    },
  };
}
