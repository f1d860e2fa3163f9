import { resolve } from 'node:path';
import { TidingsError } from '@tidings/protocol';
import type { NameOf } from './check.ts';

/** The location of the database. */
export type DatabaseLocation = { kind: 'sqlite'; path: string } | { kind: 'postgres'; url: string; listenUrl?: string };

/**
 * Reads `sqlite:./tidings.db` or `postgres://user:password@host:5432/name`, and for PostgreSQL the address at which nodes listen to one
 * another, if it is another. Throws `bad_request` with what was expected.
 */
export function parseDatabase(
  text: string | undefined,
  listenUrl: string | undefined,
  nameOf: NameOf,
): DatabaseLocation {
  const [name, listenName] = [nameOf('database'), nameOf('listenUrl')];
  if (text !== undefined && /^postgres(ql)?:/.test(text)) {
    const url = checkPostgres(text, name);
    return { kind: 'postgres', url, ...(listenUrl && { listenUrl: checkPostgres(listenUrl, listenName) }) };
  }
  if (listenUrl) throw new TidingsError('bad_request', `${listenName} goes with a PostgreSQL as ${name}; leave it out`);
  const path = /^sqlite:(?:\/\/)?(.+)$/.exec(text ?? 'sqlite:./tidings.db')?.[1];
  if (path !== undefined && path !== ':memory:') return { kind: 'sqlite', path: resolve(path) };
  const got = text?.replace(/\/\/.*@/, '//...@');
  throw new TidingsError(
    'bad_request',
    `${name} must be sqlite:PATH, as sqlite:./tidings.db, or postgres://USER:PASSWORD@HOST/NAME; got "${got}"`,
  );
}

/** The URL of a PostgreSQL; null for text that is none. One with a user and no host, for a socket whose folder is in ?host=, has the host `-`. */
export const postgresUrl = (text: string): URL | null => URL.parse(text.replace(/^(\w+:\/\/[^/]*@)(?=\/)/, '$1-'));

/** The error does not repeat the address: a password with an unescaped character may stand anywhere in it. */
function checkPostgres(text: string, name: string): string {
  if (/^\w+:\/\/(?:[^/]*@)?[^/?@]*,/.test(text)) {
    throw new TidingsError(
      'bad_request',
      `${name} names several hosts; name one: the primary, or an address that leads to it`,
    );
  }
  const url = postgresUrl(text);
  // A socket's folder may stand in ?host= in place of a name.
  if (
    /^postgres(ql)?:/.test(text) &&
    url &&
    url.pathname.length > 1 &&
    (!['', '-'].includes(url.hostname) || url.searchParams.has('host')) &&
    url.hash === ''
  )
    return text;
  throw new TidingsError(
    'bad_request',
    `${name} must be postgres://USER:PASSWORD@HOST:PORT/NAME; write @ : / ? # and % in a user or password as %40 %3A %2F %3F %23 and %25`,
  );
}
