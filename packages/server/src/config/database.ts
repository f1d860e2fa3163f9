import { resolve } from 'node:path';
import { TidingsError } from '@tidings/protocol';

/** The location of the database. */
export type DatabaseLocation = { kind: 'sqlite'; path: string } | { kind: 'postgres'; url: string; listenUrl?: string };

/** The options that hold the address of a PostgreSQL, by their names on the command line. */
export type AddressOption = '--database' | '--listen-url';

/**
 * Reads `sqlite:./tidings.db` or `postgres://user:password@host:5432/name`, and for PostgreSQL the address at which nodes listen to one
 * another, if it is another. Throws `bad_request` with what was expected.
 */
export function parseDatabase(text = 'sqlite:./tidings.db', listenUrl?: string): DatabaseLocation {
  if (/^postgres(ql)?:/.test(text)) {
    const url = checkPostgres(text, '--database');
    return { kind: 'postgres', url, ...(listenUrl && { listenUrl: checkPostgres(listenUrl, '--listen-url') }) };
  }
  if (listenUrl) throw new TidingsError('bad_request', '--listen-url goes with a PostgreSQL --database; leave it out');
  const path = /^sqlite:(?:\/\/)?(.+)$/.exec(text)?.[1];
  if (path !== undefined && path !== ':memory:') return { kind: 'sqlite', path: resolve(path) };
  const got = text.replace(/\/\/.*@/, '//...@');
  throw new TidingsError(
    'bad_request',
    `the database must be sqlite:PATH, as sqlite:./tidings.db, or postgres://USER:PASSWORD@HOST/NAME; got "${got}"`,
  );
}

/** The error does not repeat the address: a password with an unescaped character may stand anywhere in it. */
function checkPostgres(text: string, option: AddressOption): string {
  if (/^\w+:\/\/(?:[^/]*@)?[^/?@]*,/.test(text)) {
    throw new TidingsError(
      'bad_request',
      `${option} names several hosts; name one: the primary, or an address that leads to it`,
    );
  }
  // A user without a host is none to a URL.
  const whole = text.replace(/^(\w+:\/\/[^/]*@)(?=\/)/, '$1-');
  const url = URL.canParse(whole) ? new URL(whole) : null;
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
    `${option} must be postgres://USER:PASSWORD@HOST:PORT/NAME; write @ : / ? # and % in a user or password as %40 %3A %2F %3F %23 and %25`,
  );
}
