import { createHash } from 'node:crypto';
import { cursorTagLength } from '@tidings/protocol';

/** The tag of a user's cursors: of the same length for every user, and in no need to be secret. */
export const cursorTag = (userId: string): string =>
  createHash('sha256').update(userId).digest('base64url').slice(0, cursorTagLength);
