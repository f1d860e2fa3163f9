import { TidingsError } from '@tidings/protocol';
import { findDevFile } from '../../config/dev.ts';
import { GivenSettings } from '../../config/sources.ts';
import { defaultClaims } from '../../identity/claims.ts';
import { mintToken, signingOf } from '../mint-token.ts';
import { withSender } from '../sender-flags.ts';
import { listOf } from '../token-settings.ts';
import { findUser, type KnownUser } from '../user.ts';

export interface ListenFlags extends Record<string, unknown> {
  url?: string;
  apiKey?: string;
  user?: string;
  roles?: string;
  token?: string;
  path: string;
  task?: string[];
  room?: string[];
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

/** The server that is listened to, and what it is asked with. */
interface Server {
  url: string;
  /** Null if none is known. */
  apiKey: string | null;
  /** The secret of `tidings dev`, if that runs it. */
  devSecret: string | null;
}

/**
 * Works out where to connect and as whom: with a token that was given, or one made with the secret of `tidings dev` or the
 * configured one. Call it for each attempt: the user is looked up until found. Throws TidingsError with what to set.
 */
export function targetsOf(flags: ListenFlags): () => Promise<Target> {
  let known: KnownUser | null = null;
  return async () => {
    const server = serverOf(flags);
    const socket = socketOf(server.url, flags.path);
    const token = flags.token ?? (process.env.TIDINGS_TOKEN || undefined);
    if (token !== undefined) return { server: server.url, socket, headers: bearer(token) };
    known ??= await seen(server, flags.user);
    const user = known?.user_id ?? flags.user ?? 'demo';
    if (await takesUsers(server, flags, user)) {
      if (server.devSecret === null) socket.searchParams.set('user', user);
      if (flags.roles) socket.searchParams.set('roles', flags.roles);
      if (flags.room) socket.searchParams.set('grants', grantsOf(flags).join(','));
      return { server: server.url, socket, headers: {} };
    }
    return { server: server.url, socket, headers: bearer(await ownToken(server, flags, known)) };
  };
}

/** Rights to follow the rooms that are named, which a development server gives to whoever asks. */
const grantsOf = ({ room = [] }: ListenFlags): string[] => room.map((name) => `${name}:r`);

function serverOf(flags: ListenFlags): Server {
  const dev = findDevFile(process.cwd());
  const url = withoutSlash(flags.url ?? (process.env.TIDINGS_URL || undefined) ?? dev?.url);
  const own = dev !== null && withoutSlash(dev.url) === url ? dev : null;
  const apiKey = flags.apiKey ?? own?.api_key ?? (process.env.TIDINGS_API_KEY || null);
  return { url, apiKey, devSecret: own?.jwt_secret ?? null };
}

/** The user, where the server has seen one so called and there is an API key to ask with; else null. */
async function seen({ url, apiKey }: Server, user: string | undefined): Promise<KnownUser | null> {
  if (user === undefined || apiKey === null) return null;
  return withSender({ url, apiKey }, (sender) => findUser(sender, user)).catch((error: unknown) => {
    if (error instanceof TidingsError && error.code === 'not_found') return null;
    throw error;
  });
}

/**
 * True where a name is enough to connect. `tidings dev` in this folder learns from a token who listens, unless it is `demo`:
 * an application that embeds a server on these secrets may take nobody at their word.
 */
async function takesUsers({ url, devSecret }: Server, flags: ListenFlags, user: string): Promise<boolean> {
  if (devSecret !== null) return flags.user === undefined;
  const { jwtSecret } = new GivenSettings({ flags, environment: process.env }).read(['jwtSecret']);
  return jwtSecret === undefined && takesNames(url, user);
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

/**
 * A token that changes nothing about a user who was seen, unless --roles says otherwise; it keeps the name then. In development
 * it makes a user who was not.
 */
async function ownToken(server: Server, flags: ListenFlags, known: KnownUser | null): Promise<string> {
  if (flags.user === undefined) {
    throw new TidingsError(
      'bad_request',
      "say who listens: --user, with the server's secret in TIDINGS_JWT_SECRET, or --token (TIDINGS_TOKEN)",
    );
  }
  const isDev = server.devSecret !== null;
  if (known === null && !isDev) checkUnseen(server, flags.user, flags.roles);
  const signing =
    server.devSecret === null
      ? signingOf({ flags, environment: process.env })
      : { secret: server.devSecret, claims: defaultClaims };
  const evidence = flags.roles !== undefined || (known === null && isDev);
  const said = evidence ? { username: known?.username, roles: listOf(flags.roles) } : {};
  const user = known?.user_id ?? flags.user;
  const grants = isDev ? { grants: grantsOf(flags) } : {};
  return (await mintToken(signing, { user, ...said, ...grants, evidence, expiresIn: tokenLifetime })).token;
}

/** Without an API key the user is taken by id; with one, a user who was never seen is refused. */
function checkUnseen({ apiKey }: Server, user: string, roles: string | undefined): void {
  if (apiKey !== null) {
    throw new TidingsError('not_found', `no user ${JSON.stringify(user)} was ever seen here; what is sent waits`);
  }
  if (roles !== undefined) {
    throw new TidingsError(
      'bad_request',
      '--roles sets roles, and so needs the API key too: --api-key (TIDINGS_API_KEY)',
    );
  }
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
