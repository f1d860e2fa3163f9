import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { nameInCode } from './check-options.ts';
import { parseDatabase } from './database.ts';

test.each([
  ['sqlite:./a.db', { kind: 'sqlite', path: resolve('a.db') }],
  ['sqlite:/tmp/a.db', { kind: 'sqlite', path: resolve('/tmp/a.db') }],
  ['postgres://u:p@h:5432/d', { kind: 'postgres', url: 'postgres://u:p@h:5432/d' }],
  ['postgresql://h/d?sslmode=verify-full', { kind: 'postgres', url: 'postgresql://h/d?sslmode=verify-full' }],
  ['postgres://u:p@/d?host=/run/postgresql', { kind: 'postgres', url: 'postgres://u:p@/d?host=/run/postgresql' }],
  ['postgres://%2Frun%2Fpostgresql/d', { kind: 'postgres', url: 'postgres://%2Frun%2Fpostgresql/d' }],
  ['postgres:///d?host=/run/postgresql', { kind: 'postgres', url: 'postgres:///d?host=/run/postgresql' }],
])('%s is a database', (text, location) => {
  expect(parseDatabase(text, undefined, nameInCode)).toEqual(location);
});

test.each([
  ['mysql://u:hush@h/d', /or postgres:\/\/USER:PASSWORD@HOST\/NAME; got "mysql:\/\/\.\.\.@h\/d"$/],
  ['sqlite::memory:', /must be sqlite:PATH/],
  ['./a.db', /must be sqlite:PATH/],
  ['postgres://u:hush@h', /must be postgres:\/\/USER:PASSWORD@HOST:PORT\/NAME; write @/],
  ['postgres://u:hush@/d', /must be postgres:/],
  [
    'postgres://u:hush@one:5432,other:5433/d',
    /names several hosts; name one: the primary, or an address that leads to it$/,
  ],
  ['postgres://one,other/d', /names several hosts/],
  ['postgres:hush', /must be postgres:/],
  ['postgres://u:hush#hush@h/d', /must be postgres:/],
  ['postgres://u:hush/hush@h:x/d', /must be postgres:/],
])('%s is none, and the sentence keeps its password', (text, sentence) => {
  expect(() => parseDatabase(text, undefined, nameInCode)).toThrow(sentence);
  expect(() => parseDatabase(text, undefined, nameInCode)).not.toThrow(/hush/);
});

test('nodes may listen at another address than that of the database', () => {
  const [url, listenUrl] = ['postgres://u:p@pooler:6432/d', 'postgres://u:p@h:5432/d'];
  expect(parseDatabase(url, listenUrl, nameInCode)).toEqual({ kind: 'postgres', url, listenUrl });
});

test.each([
  ['postgres://h/d', 'mysql://u:hush@h/d', /^listenUrl must be postgres:/],
  ['postgres://h/d', 'postgres://u:hush@h', /^listenUrl must be postgres:/],
  ['postgres://h/d', 'postgres://u:hush@one,other/d', /^listenUrl names several hosts/],
  ['sqlite:./a.db', 'postgres://u:hush@h/d', /^listenUrl goes with a PostgreSQL as database; leave it out$/],
])('beside %s, %s is no address to listen at', (text, listenUrl, sentence) => {
  expect(() => parseDatabase(text, listenUrl, nameInCode)).toThrow(sentence);
  expect(() => parseDatabase(text, listenUrl, nameInCode)).not.toThrow(/hush/);
});
