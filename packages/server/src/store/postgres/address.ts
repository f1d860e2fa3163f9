import { readFileSync } from 'node:fs';
import { TidingsError } from '@tidings/protocol';
import type pg from 'pg';
import { postgresUrl } from '../../config/database.ts';

type Secured = Exclude<pg.ClientConfig['ssl'], boolean | undefined>;

/** The address of a PostgreSQL server and the settings of connections to it, from a URL as libpq takes it. */
export class PostgresAddress {
  readonly config: pg.ClientConfig;
  /** True if TLS is only preferred. */
  #isTlsOptional: boolean;

  /** Throws `bad_request`, which names the option, for text that is no such URL, and for parameters that would be ignored. */
  constructor(url: string, option = 'database (--database)') {
    try {
      const parsed = postgresUrl(url);
      if (!parsed) throw refused('is no URL as postgres://USER:PASSWORD@HOST:PORT/NAME');
      const parameters = new Map(parsed.searchParams);
      this.config = readConfig(parsed, parameters);
      this.#isTlsOptional = ['prefer', 'allow'].includes(parameters.get('sslmode') ?? '');
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new TidingsError('bad_request', `${option} ${error.message}`);
    }
  }

  /** The address for people to read: without the password. */
  get place(): string {
    const { user, host = 'localhost', port = 5432, database } = this.config;
    return `${user === undefined ? '' : `${user}@`}${host}:${port}/${database}`;
  }

  get database(): string {
    return this.config.database ?? '';
  }

  /** Does without TLS from now on, where it is only preferred. @returns whether it is */
  giveUpTls(): boolean {
    const may = this.#isTlsOptional;
    this.#isTlsOptional = false;
    if (may) this.config.ssl = false;
    return may;
  }
}

function readConfig(url: URL, parameters: ReadonlyMap<string, string>): pg.ClientConfig {
  const config: pg.ClientConfig = {};
  const host = decoded(url.hostname.replace(/^\[(.+)\]$/, '$1'));
  if (host !== '' && host !== '-') config.host = host;
  if (url.port !== '') config.port = Number(url.port);
  if (url.username !== '') config.user = decoded(url.username);
  if (url.password !== '') config.password = decoded(url.password);
  if (url.pathname.length > 1) config.database = decoded(url.pathname.slice(1));
  for (const [name, value] of parameters) readParameter(config, name, value);
  const ssl = secured(parameters);
  if (ssl !== undefined) config.ssl = ssl;
  return config;
}

/** The fault of a URL, in words that follow the name of its option and repeat no part of a password. */
class Refusal extends Error {}

const refused = (what: string): Refusal => new Refusal(what);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused('has a % that begins no escape; write it as %25');
  }
}

type Reader = (config: pg.ClientConfig, value: string) => void;

const texts = ['host', 'user', 'password', 'application_name', 'fallback_application_name', 'options'] as const;

/** The parameters that have an effect. */
const readers: Record<string, Reader> = {
  ...Object.fromEntries(
    texts.map((name): [string, Reader] => [
      name,
      (config, value) => {
        config[name] = value;
      },
    ]),
  ),
  dbname: (config, value) => {
    config.database = value;
  },
  port: (config, value) => {
    config.port = Number(value);
  },
  connect_timeout: (config, value) => {
    if (Number(value) > 0) config.connectionTimeoutMillis = Number(value) * 1000;
  },
  channel_binding: (config, value) => {
    config.enableChannelBinding = value !== 'disable';
  },
  sslnegotiation: (config, value) => {
    config.sslnegotiation = oneOf('sslnegotiation', value, ['postgres', 'direct']);
  },
  client_encoding: (_, value) => oneOf('client_encoding', value.toUpperCase().replace('-', ''), ['UTF8', 'AUTO']),
  target_session_attrs: (_, value) => oneOf('target_session_attrs', value, ['any', 'read-write', 'primary']),
};

/** Parameters of TLS, see `secured`, and those without effect here: they ask for what is done anyway. */
const others = [
  ...['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'ssl', 'uselibpqcompat', 'gssencmode', 'pgbouncer'],
  ...['keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count', 'tcp_user_timeout'],
];

function readParameter(config: pg.ClientConfig, name: string, value: string): void {
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (reader || others.includes(name)) {
    reader?.(config, value);
    return;
  }
  if (/^(schema|currentSchema|search_path)$/.test(name)) {
    throw refused(`has the parameter ${name}; name the schema by options=-csearch_path%3D${encodeURIComponent(value)}`);
  }
  const known = [...Object.keys(readers), 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'].join(', ');
  throw refused(
    `has the parameter ${name}, which is none of ${known}; settings of PostgreSQL go into options=-cNAME%3DVALUE`,
  );
}

function oneOf<const T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw refused(`has ${name}=${value}; it may be ${allowed.join(' or ')}`);
  return found;
}

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const;

/**
 * The use of TLS by `sslmode`, as in libpq: `require` encrypts, and checks the certificate only if `sslrootcert` names its
 * authorities; `verify-full` checks the certificate and the name in it. undefined: as the environment says.
 */
function secured(values: ReadonlyMap<string, string>): pg.ClientConfig['ssl'] {
  const spoken = values.get('sslmode') ?? byFlag(values.get('ssl'));
  if (spoken === undefined && !values.has('sslrootcert') && !values.has('sslcert')) return undefined;
  const mode = oneOf('sslmode', spoken ?? 'verify-full', modes);
  if (mode === 'disable') return false;
  const root = values.get('sslrootcert');
  const ssl: Secured = {};
  if (root !== undefined && root !== 'system') ssl.ca = fileOf('sslrootcert', root);
  const [certificate, key] = [values.get('sslcert'), values.get('sslkey')];
  if (certificate !== undefined) ssl.cert = fileOf('sslcert', certificate);
  if (key !== undefined) ssl.key = fileOf('sslkey', key);
  if (mode === 'verify-full' || root === 'system') return ssl;
  if (mode === 'verify-ca' && root === undefined)
    throw refused('has sslmode=verify-ca; name the authority by sslrootcert=FILE');
  if (mode !== 'no-verify' && root !== undefined) return { ...ssl, checkServerIdentity: () => undefined };
  return { ...ssl, rejectUnauthorized: false };
}

/** `ssl=true` and `ssl=no-verify`, as node-postgres has them. */
function byFlag(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (/^(true|1)$/.test(value)) return 'verify-full';
  return /^(false|0)$/.test(value) ? 'disable' : value;
}

function fileOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw refused(`has ${name}=${path}, which cannot be read (${(error as Error).message})`);
  }
}
