import { TidingsError } from '@tidings/protocol';
import { internalError } from '../../domain/internal-error.ts';
import { DatabaseRefusal } from '../engine.ts';
import type { ThreadError } from './messages.ts';
import { isFull } from './reserve.ts';

/** Faults of what was to be written. A trigger, which is none of ours, refuses others too. */
const ofTheWrite = /^SQLITE_(CONSTRAINT(?!_TRIGGER)|MISMATCH|TOOBIG|RANGE)/;

/** A failed transaction in words of ours; those of the database are the cause. */
export function errorOf(error: unknown): ThreadError {
  const { code = '', message } = error as { code?: string; message: string };
  if (error instanceof TidingsError) {
    const { cause } = error;
    return { code: error.code, message, ...(cause instanceof Error ? { cause: cause.message } : {}) };
  }
  const cause = code.startsWith('SQLITE_') ? `${message} (${code})` : message;
  if (isFull(error)) {
    const text = 'the disk that holds the database is full; free some space, then send this again';
    return { code: 'storage_full', message: text, cause };
  }
  if (code.startsWith('SQLITE_IOERR')) {
    const text =
      'the disk failed in a commit, so it is not known whether it was stored; send it again with the same key';
    return { code: 'unavailable', message: text, cause };
  }
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    const text = 'nothing was stored: another program holds a lock on the database; send it again';
    return { code: 'unavailable', message: text, cause };
  }
  if (/^SQLITE_(READONLY|CANTOPEN)/.test(code)) {
    const text = 'nothing was stored: the database cannot be written now; send it again';
    return { code: 'unavailable', message: text, cause };
  }
  if (code.startsWith('SQLITE_')) {
    const refusal = { reason: code, isGeneral: !ofTheWrite.test(code) };
    return { code: 'unavailable', message: new DatabaseRefusal(code, null, true).message, cause, refusal };
  }
  return { code: 'internal', message: internalError().message, cause };
}
