import { TidingsError } from '@tidings/protocol';

/**
 * The address a build was made with, from `VITE_TIDINGS_URL` (Vite) or `NEXT_PUBLIC_TIDINGS_URL` (Next.js, or Node's environment).
 * Bundlers put the value in the place of exactly these names, and where there is no bundler the names may not exist.
 */
export function tidingsUrlFromEnv(): string | undefined {
  return fromVite() || fromNext() || undefined;
}

function fromVite(): string | undefined {
  try {
    return (import.meta as unknown as { env: { VITE_TIDINGS_URL?: string } }).env.VITE_TIDINGS_URL;
  } catch {
    return undefined;
  }
}

function fromNext(): string | undefined {
  try {
    return process.env.NEXT_PUBLIC_TIDINGS_URL;
  } catch {
    return undefined;
  }
}

/** The page's origin; undefined outside pages, and for pages without one, as files. */
export function pageOrigin(): string | undefined {
  const origin = globalThis.location?.origin;
  return origin && origin !== 'null' ? origin : undefined;
}

/**
 * The server's base address as an http(s) URL that ends in `/`.
 *
 * @throws TidingsError `bad_request` where none is known, or it is none
 */
export function serverUrl(given: string | undefined): URL {
  const text = given || tidingsUrlFromEnv() || pageOrigin();
  const url = text && URL.canParse(text, pageOrigin()) ? new URL(text, pageOrigin()) : null;
  if (!url || !/^(http|ws)s?:$/.test(url.protocol)) {
    throw new TidingsError(
      'bad_request',
      `the address of the Tidings server must begin with http(s)://; got ${text ?? 'none'}: pass {url: "https://notify.example.com"} or set VITE_TIDINGS_URL or NEXT_PUBLIC_TIDINGS_URL`,
    );
  }
  return new URL(`${url.protocol.replace('ws', 'http')}//${url.host}${url.pathname.replace(/\/(ws\/?)?$/, '')}/`);
}

/** The address of the socket below the server's base. */
export function socketUrl(base: URL, query: Record<string, string>): string {
  const url = new URL(`ws/?${new URLSearchParams(query)}`, base);
  return url.href.replace(/^http/, 'ws').replace(/\?$/, '');
}
