import type { TokenSource } from './options.ts';

/** Characters that a token may consist of, since it travels as a subprotocol (a `token` of RFC 9110 section 5.6.2). */
export const tokenPattern = /^[\w!#$%&'*+.^`|~-]+$/;

/** The token that a source gives, without blanks, quotes and `Bearer` around it, or the `token` of an object or its JSON; empty for nothing. */
export async function tokenOf(source: TokenSource | undefined): Promise<string> {
  let given: unknown = typeof source === 'function' ? await source() : source;
  const text = () => String(given ?? '').trim();
  try {
    if (/^["{]/.test(text())) given = JSON.parse(text());
  } catch {}
  given = (given as { token?: unknown } | undefined)?.token ?? given;
  return text().replace(/^bearer +/i, '');
}
