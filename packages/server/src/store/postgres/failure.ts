import { TidingsError } from '@tidings/protocol';

/** SQLSTATE, or the system's code where no server answered. */
const codeOf = (error: unknown): string => (error as { code?: string }).code ?? '';

/** Whether the server itself said that it undid the statement. */
const isUndone = (error: unknown): boolean =>
  (error as { severity?: string }).severity === 'ERROR' && codeOf(error) !== queryCanceled;

/** A statement that is stopped may have committed a moment before. */
const queryCanceled = '57014';

/** Whether the connection is of no more use. */
export const isBroken = (error: unknown): boolean => (error as { severity?: string }).severity !== 'ERROR';

/** Why a connection could not be had; nothing was sent. */
export function connectFailure(place: string, error: unknown): TidingsError {
  return new TidingsError('unavailable', `nothing was stored: ${reasonOf(place, error)}`, { cause: error });
}

/** What became of a commit that failed. */
export function commitFailure(error: unknown): TidingsError {
  const code = codeOf(error);
  const say = (reason: 'unavailable' | 'storage_full' | 'internal', message: string) =>
    new TidingsError(reason, message, { cause: error });
  if (code === '53100') {
    return say('storage_full', 'the disk that holds the database is full; free some space, then send this again');
  }
  if (!isUndone(error)) {
    return say(
      'unavailable',
      `PostgreSQL did not answer a commit (${messageOf(error)}), so it is not known whether it was stored; send it again with the same key`,
    );
  }
  if (code === '55P03' || code.startsWith('40') || code.startsWith('53')) {
    return say('unavailable', `nothing was stored: PostgreSQL is busy (${messageOf(error)}); send this again`);
  }
  if (code === '25006') {
    return say('unavailable', 'nothing was stored: this PostgreSQL is read-only now; send this again');
  }
  return say('internal', `the database refused a commit: ${messageOf(error)}`);
}

export const readFailure = (error: unknown): TidingsError =>
  new TidingsError('unavailable', `the database could not be read: ${messageOf(error)}`, { cause: error });

/** What is wrong with a database that cannot be opened, as a sentence. */
export function openFailure(place: string, error: unknown): TidingsError {
  if (error instanceof TidingsError) return error;
  return new TidingsError('unavailable', `the database ${place} cannot be opened: ${reasonOf(place, error)}`, {
    cause: error,
  });
}

function reasonOf(place: string, error: unknown): string {
  const code = codeOf(error);
  const message = messageOf(error);
  if (['ECONNREFUSED', 'ENOENT', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET', 'ETIMEDOUT'].includes(code)) {
    return `no PostgreSQL answers there (${code}); check that it runs, and the host and port`;
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its host is not known; check its name';
  if (code === '28P01' || code === '28000' || /password must be a string/.test(message)) {
    return `the server does not let this user in (${message}); check user and password in the URL, or PGPASSWORD`;
  }
  if (code === '3D000') return `it does not exist; create it: createdb ${place.slice(place.lastIndexOf('/') + 1)}`;
  if (code === '42501') {
    return `this user may not make what is needed (${message}); grant it: GRANT CREATE, USAGE ON SCHEMA public TO the user`;
  }
  if (code === '53300') return `the server has no connection left (${message}); raise its max_connections`;
  if (code === '57P03') return `the server is not ready (${message}); try again in a moment`;
  if (code === '25006' ) return 'the server is a read-only standby; name the primary';
  return message;
}

/** A refusal at several addresses of one host has its sentence in its parts. */
function messageOf(error: unknown): string {
  const { message, errors, code } = error as { message?: string; errors?: { message: string }[]; code?: string };
  return message || errors?.[0]?.message || code || String(error);
}
