import { TidingsError } from '@tidings/protocol';
import { findDevFile } from '../../config/dev.ts';
import { readSettings } from '../../config/sources.ts';
import { defaultClaims } from '../../identity/claims.ts';
import { mintToken, signingOf } from '../mint-token.ts';
import { listOf } from '../token-settings.ts';

export interface ListenFlags extends Record<string, unknown> {
  url?: string;
  user?: string;
  roles?: string;
  token?: string;
  path: string;
  task?: string[];
  json?: true;
}

/** The address to connect to, and the user to connect as. */
export interface Target {
  /** The server's address, to be named to people. */
  server: string;
  /** The socket's address, without what the connection adds to it. */
  socket: URL;
  headers: Record<string, string>;
}

/** The longest time to wait for the server's answer to whoami, ms. */
const askingMs = 5_000;
/** The lifetime of the token made for a connection, s. Each attempt makes a new one. */
const tokenLifetime = 3_600;

/**
 * Works out where to connect and as whom: with a token that was given, or one made with the secret of `tidings dev` or the
 * configured one. Throws TidingsError with what to set.
 */
export async function targetOf(flags: ListenFlags): Promise<Target> {
  const dev = findDevFile(process.cwd());
  const given = flags.url ?? (process.env.TIDINGS_URL || undefined);
  const server = withoutSlash(given ?? dev?.url);
  const socket = socketOf(server, flags.path);
  const token = flags.token ?? (process.env.TIDINGS_TOKEN || undefined);
  if (token !== undefined) return { server, socket, headers: bearer(token) };
  const isDev = dev !== null && withoutSlash(dev.url) === server;
  const hasSecret = readSettings(['jwtSecret'], { flags, environment: process.env }).jwtSecret !== undefined;
  const { user = 'demo', roles } = flags;
  if (isDev ? flags.user === undefined : !hasSecret && (await takesNames(server, user))) {
    if (!isDev) socket.searchParams.set('user', user);
    if (roles) socket.searchParams.set('roles', roles);
    return { server, socket, headers: {} };
  }
  // By a token and not by name: an application that embeds a server on these secrets may take nobody at their word.
  const secret = isDev ? dev.jwt_secret : undefined;
  return { server, socket, headers: bearer(await ownToken(flags, secret)) };
}

/** True where the server takes people at their word, as `tidings dev` does, whichever folder it runs in. */
async function takesNames(server: string, user: string): Promise<boolean> {
  const query = new URLSearchParams({ user });
  const address = `${server}/api/v1/whoami?${query}`;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(askingMs) });
    return answer.ok && ((await answer.json()) as { user_id?: unknown }).user_id === user;
  } catch (error) {
    // Without a token there is no connection that could tell it.
    if (error instanceof TypeError) {
      throw new TidingsError(
        'unreachable',
        `nothing answers at ${server}: start the server, or check --url (TIDINGS_URL)`,
      );
    }
    return false; // something else than Tidings, or nobody in time
  }
}

async function ownToken(flags: ListenFlags, devSecret: string | undefined): Promise<string> {
  if (flags.user === undefined) {
    throw new TidingsError(
      'bad_request',
      "say who listens: --user, with the server's secret in TIDINGS_JWT_SECRET, or --token (TIDINGS_TOKEN)",
    );
  }
  const signing = devSecret
    ? { secret: devSecret, claims: defaultClaims }
    : signingOf({ flags, environment: process.env });
  const claims = { user: flags.user, roles: listOf(flags.roles), expiresIn: tokenLifetime };
  return (await mintToken(signing, claims)).token;
}

const bearer = (token: string): Record<string, string> => {
  if (/^[\x21-\x7e]+$/.test(token)) return { authorization: `Bearer ${token}` };
  throw new TidingsError('bad_request', '--token must be a JWT, without spaces');
};

function withoutSlash(url: string | undefined): string {
  if (url !== undefined) return url.trim().replace(/\/+$/, '');
  throw new TidingsError(
    'unreachable',
    'no Tidings server is configured: set --url or TIDINGS_URL, or start "tidings dev" in this folder or one above it',
  );
}

function socketOf(server: string, path: string): URL {
  const text = server.replace(/^http/, 'ws');
  if (!/^wss?:\/\//.test(text) || !URL.canParse(text)) {
    throw new TidingsError('bad_request', `the server's address must be as http://127.0.0.1:8000; got "${server}"`);
  }
  if (!path.startsWith('/')) throw new TidingsError('bad_request', `--path must begin with "/"; got "${path}"`);
  return new URL(`${text}${path}`);
}
