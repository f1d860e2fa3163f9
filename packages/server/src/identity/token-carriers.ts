import type { IncomingMessage } from 'node:http';

/** The cookie that `POST /api/v1/session` sets. */
export const tokenCookie = 'tidings_token';

export function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  const begin = url.indexOf('?');
  return new URLSearchParams(begin < 0 ? '' : url.slice(begin + 1));
}

/** The bearer of the Authorization header: a user's token or a back end's key; null without one. */
export const bearerOf = (request: IncomingMessage): string | null =>
  /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;

/** The token of a request: what was given for this very call (query, header, subprotocol) before the cookie, which browsers add, and which is left out where its page may not act by it. */
export function tokenOf(request: IncomingMessage, takesCookies: boolean): string | null {
  const fromQuery = queryOf(request).get('token');
  if (fromQuery) return fromQuery;
  const bearer = bearerOf(request);
  if (bearer !== null) return bearer;
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const carried = protocols.find((name) => name.startsWith('bearer.'));
  if (carried) return carried.slice('bearer.'.length);
  return takesCookies ? cookieOf(request, tokenCookie) : null;
}

function cookieOf(request: IncomingMessage, name: string): string | null {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = part.split('=', 2);
    if (key?.trim() === name && value) return value.trim();
  }
  return null;
}
