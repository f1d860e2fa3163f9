/**
 * The address a build was made with, from `NEXT_PUBLIC_TIDINGS_URL` (Next.js, or Node's environment). Bundlers put the value in the place of
 * exactly this name, and where there is no bundler it may not exist. `@tidings/client/vite` has the same for Vite's `VITE_TIDINGS_URL`.
 */
export function tidingsUrlFromEnv(): string | undefined {
  try {
    return process.env.NEXT_PUBLIC_TIDINGS_URL || undefined;
  } catch {}
  return undefined;
}

/** The page's origin; undefined outside pages, and for pages without one, as files. */
export function pageOrigin(): string | undefined {
  const origin = globalThis.location?.origin;
  return origin === 'null' ? undefined : origin;
}

/** The server's base address as an http(s) URL that ends in `/`. @throws if none is known, or it is none */
export function serverUrl(given?: string): URL {
  const url = new URL(given || tidingsUrlFromEnv() || pageOrigin() || '', pageOrigin());
  if (!/^(http|ws)s?:$/.test(url.protocol)) throw new TypeError(url.href);
  return new URL(`${url.origin.replace('ws', 'http')}${url.pathname.replace(/\/(ws\/?)?$/, '')}/`);
}

/** The address of a socket below the server's base. */
export function socketUrl(base: URL, query: Record<string, string>, path = 'ws/'): string {
  return `${base}${path}?${new URLSearchParams(query)}`.replace(/^http/, 'ws').replace(/\?$/, '');
}
