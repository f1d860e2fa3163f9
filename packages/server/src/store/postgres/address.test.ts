import { expect, test } from 'vitest';
import { PostgresAddress } from './address.ts';

const { config: bare } = new PostgresAddress('postgres://u@h/d');

test.each([
  ['postgres://u@h/d', {}],
  ['postgresql://u@h:6432/d', { port: 6432 }],
  ['postgres://u:p%40s%2Fs%25%23@h/d%23%2Fe', { password: 'p@s/s%#', database: 'd#/e' }],
  ['postgres://u@[::1]/d', { host: '::1' }],
  ['postgres://u@%2Frun%2Fpostgresql/d', { host: '/run/postgresql' }],
  ['postgres://u@/d?host=/run/postgresql&port=1', { host: '/run/postgresql', port: 1 }],
  ['postgres://h/d?user=u&password=p', { password: 'p' }],
  [
    'postgres://u@h/d?application_name=x&options=-csearch_path%3Da',
    { application_name: 'x', options: '-csearch_path=a' },
  ],
  ['postgres://u@h/d?connect_timeout=3', { connectionTimeoutMillis: 3_000 }],
  ['postgres://u@h/d?sslmode=disable', { ssl: false }],
  [
    'postgres://u@h/d?sslmode=require&channel_binding=require',
    { ssl: { rejectUnauthorized: false }, enableChannelBinding: true },
  ],
  ['postgres://u@h/d?sslmode=prefer', { ssl: { rejectUnauthorized: false } }],
  ['postgres://u@h/d?sslmode=no-verify', { ssl: { rejectUnauthorized: false } }],
  ['postgres://u@h/d?sslmode=verify-full', { ssl: {} }],
  ['postgres://u@h/d?sslmode=require&sslrootcert=system', { ssl: {} }],
  ['postgres://u@h/d?ssl=true&pgbouncer=true&target_session_attrs=read-write', { ssl: {} }],
])('%s is spoken to as libpq does', (url, over) => {
  expect(new PostgresAddress(url).config).toEqual({ ...bare, ...over });
});

test.each([
  ['postgres://u@h/d?schema=tidings', /has the parameter schema; name the schema by options=-csearch_path%3Dtidings$/],
  [
    'postgres://u@h/d?connection_limit=5',
    /has the parameter connection_limit, which is none of host, user, .*options=-cNAME%3DVALUE$/,
  ],
  ['postgres://u@h/d?sslmode=on', /has sslmode=on; it may be disable or allow or prefer or require/],
  ['postgres://u@h/d?sslmode=verify-ca', /has sslmode=verify-ca; name the authority by sslrootcert=FILE/],
  ['postgres://u@h/d?sslrootcert=/no/such', /has sslrootcert=\/no\/such, which cannot be read \(ENOENT/],
  ['postgres://u@h/d?target_session_attrs=standby', /may be any or read-write or primary/],
  ['postgres://u@h/d?client_encoding=LATIN1', /has client_encoding=LATIN1; it may be/],
  ['postgres://u:50%off@h/d', /has a % that begins no escape; write it as %25$/],
])('%s is refused with what to do', (url, sentence) => {
  expect(() => new PostgresAddress(url)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  expect(() => new PostgresAddress(url)).toThrow(sentence);
});

test('a refusal names the option that holds the address', () => {
  expect(() => new PostgresAddress('postgres://u@h/d?sslmode=on')).toThrow(/^database \(--database\) has sslmode=on/);
  expect(() => new PostgresAddress('postgres://u@h/d?sslmode=on', 'listenUrl')).toThrow(/^listenUrl has sslmode/);
});

test('a person reads where it is, without the password', () => {
  expect(new PostgresAddress('postgres://u:hush@h/d').place).toBe('u@h:5432/d');
});
