import { TidingsError } from '@tidings/protocol';
import pg from 'pg';
import { DatabaseRefusal } from '../engine.ts';
import type { PostgresAddress } from './address.ts';

/** Raised by `tidings_apply` if the head is below what was seen of it. */
const wentBack = 'TD001';

/** The fate of a failed statement. `displaced`: it was undone, by a server that is not what it was. */
export type Fate = 'undone' | 'unknown' | 'displaced';

/** A standby, or a server that lets nobody write. */
export const readOnly = '25006';

/** SQLSTATE, or the system's code where no server answered. */
const codeOf = (error: unknown): string => (error as { code?: string }).code ?? '';

/**
 * Finds out whether a failed statement was stored. A server that goes on answering after an error has undone it, except for a
 * statement that was cancelled: the cancellation may have come a moment after the commit.
 */
export async function fateOf(client: pg.ClientBase, error: unknown): Promise<Fate> {
  if (codeOf(error) === wentBack || codeOf(error) === readOnly) return 'displaced';
  if (!(error instanceof pg.DatabaseError) || error.code === '57014') return 'unknown';
  return client.query('select 1').then(
    () => 'undone',
    () => 'unknown',
  );
}

/** Faults of what was to be written: data that does not fit, constraints, and limits of the program. */
const ofTheWrite = /^(2[1-3]|54)/;

/** The error that the caller of a failed commit gets, in words of ours; those of the database are its cause. */
export function commitFailure(error: unknown, fate: Fate): TidingsError {
  const code = codeOf(error);
  const say = (reason: 'unavailable' | 'storage_full', message: string) =>
    new TidingsError(reason, message, { cause: error });
  if (fate === 'unknown') {
    const why = 'PostgreSQL did not answer a commit';
    return say('unavailable', `${why}, so it is not known whether it was stored; send it again with the same key`);
  }
  if (code === wentBack) {
    return say('unavailable', 'nothing was stored, since the database was put back to an earlier state; send it again');
  }
  if (code === '53100') {
    return say('storage_full', 'the disk that holds the database is full; free some space, then send this again');
  }
  if (code === '55P03' || code === readOnly || /^(40|53)/.test(code)) {
    return say('unavailable', `nothing was stored: PostgreSQL cannot write now (${code}); send it again`);
  }
  return new DatabaseRefusal(code, error, !ofTheWrite.test(code));
}

/** Codes of errors that are about a statement, not about the server or the connection. */
const ofTheStatement = /^(2|40|42|44|53|54|55|P0|XX)/;

/** Why rows for a commit could not be read; nothing was sent. */
export const planFailure = (address: PostgresAddress, error: unknown): TidingsError =>
  ofTheStatement.test(codeOf(error)) ? commitFailure(error, 'undone') : connectFailure(address, error);

/** Why a connection for a commit could not be had; nothing was sent. */
export const connectFailure = (address: PostgresAddress, error: unknown): TidingsError =>
  new TidingsError(
    'unavailable',
    `nothing was stored: ${reasonOf(address, error, codeOf(error) || 'it went away')}; send it again`,
    {
      cause: error,
    },
  );

export const probeFailure = (address: PostgresAddress, error: unknown): TidingsError =>
  new TidingsError(
    'unavailable',
    `the database cannot be used: ${reasonOf(address, error, codeOf(error) || 'it went away')}`,
    {
      cause: error,
    },
  );

/** True if nothing came back at all, as from a server that hangs or over a network that is gone. */
export const isUnanswered = (error: unknown): boolean => messageOf(error) === 'Query read timeout';

export const readFailure = (error: unknown): TidingsError =>
  new TidingsError('unavailable', 'the database could not be read; try again later', { cause: error });

/** The reason why a database cannot be opened, as a sentence. */
export function openFailure(address: PostgresAddress, error: unknown): TidingsError {
  if (error instanceof TidingsError) return error;
  const message = `the database ${address.place} cannot be opened: ${reasonOf(address, error, messageOf(error))}`;
  return new TidingsError('unavailable', message, { cause: error });
}

/** Why nothing passes between nodes over a connection: without its address, since anybody may ask for a node's health. */
export const linkFailure = (address: PostgresAddress, error: unknown): string =>
  isUnanswered(error) ? 'it does not answer' : reasonOf(address, error, codeOf(error) || 'it went away');

const unreachable = ['ECONNREFUSED', 'ENOENT', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET', 'ETIMEDOUT'];

/**
 * Why a database cannot be used, and what to do.
 * @param words what the message repeats of the error itself: at a start its message, else only its code, since callers may read it
 */
function reasonOf(address: PostgresAddress, error: unknown, words: string): string {
  const code = codeOf(error);
  const message = messageOf(error);
  if (unreachable.includes(code) || /timeout expired|terminated due to connection timeout/.test(message)) {
    return `no PostgreSQL answers there (${code || words}); check that it runs, and the host and port`;
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its host is not known; check the name';
  if (code === '28000' && /no encryption|SSL off/.test(message)) {
    return `the server lets nobody in without TLS (${words}); add sslmode=require`;
  }
  if (/^28/.test(code) || /password must be a string/.test(message)) {
    return `the server does not let this user in (${words}); check user and password`;
  }
  if (code === '3D000') return `it does not exist; create it: createdb ${address.database}`;
  if (code === '42501') {
    return `this user may not make tables there (${words}); its owner may grant that: grant usage, create on schema public to ..., or give it a schema of its own: create schema authorization ...`;
  }
  if (code === '53300') return `the server has no connection left (${words}); raise its max_connections`;
  if (code === '57P03') return `the server is not ready (${words}); try again in a moment`;
  if (/^Connection terminated/.test(message) || /^57P0[12]$/.test(code)) {
    return `the connection was closed (${words}); look into the server's log, and at the time limits of a pooler before it`;
  }
  if (code === '42P07') {
    return `another application has a table of that name there (${words}); give Tidings a schema of its own: create schema tidings, and add ?options=-csearch_path%3Dtidings`;
  }
  return reasonOfTls(code, message, words) ?? reasonOfPooler(code, message) ?? (words || 'it does not answer');
}

const untrusted = /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT_ALTNAME)/;

function reasonOfTls(code: string, message: string, words: string): string | null {
  if (untrusted.test(code)) {
    return `its certificate is not trusted (${words}); name who signed it by sslrootcert=FILE, or take any by sslmode=require`;
  }
  if (/does not support SSL/.test(message)) return 'the server has no TLS; sslmode=prefer does without it there';
  return null;
}

function reasonOfPooler(code: string, message: string): string | null {
  if (/statement pooling/.test(message)) {
    return 'a pooler gives each statement to another connection (pool_mode = statement), so that no transaction is possible; use pool_mode = transaction or session';
  }
  if (/unsupported startup parameter.*options/.test(message)) {
    return 'a pooler does not pass on "options" of the URL; take them out, and set them for the user: alter role ... set search_path = ...';
  }
  if (code === readOnly) return 'the server is a read-only standby; name the primary';
  return null;
}

/** A refusal at several addresses of one host has its sentence in its parts. */
function messageOf(error: unknown): string {
  const { message, errors, code } = error as { message?: string; errors?: { message: string }[]; code?: string };
  // A query on a connection that has just failed: node-postgres 8 says only that it cannot be used any more.
  if (message?.endsWith('is not queryable')) return 'Connection terminated';
  return message || errors?.[0]?.message || code || String(error);
}
