import { resolve } from 'node:path';
import { TidingsError } from '@tidings/protocol';

/** Where the database is. */
export type DatabaseLocation = { kind: 'sqlite'; path: string };

/** Reads `sqlite:./tidings.db`. Throws `bad_request` with what was expected. */
export function parseDatabase(text: string): DatabaseLocation {
  if (/^postgres(ql)?:\/\//.test(text)) {
    throw new TidingsError('bad_request', 'this version keeps its records in SQLite only; use --database sqlite:PATH');
  }
  const path = /^sqlite:(?:\/\/)?(.+)$/.exec(text)?.[1];
  if (path === undefined || path === ':memory:') {
    const got = text.replace(/\/\/[^@/]*@/, '//...@');
    throw new TidingsError('bad_request', `--database must be sqlite:PATH, as sqlite:./tidings.db; got "${got}"`);
  }
  return { kind: 'sqlite', path: resolve(path) };
}
