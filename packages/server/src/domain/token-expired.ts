import { TidingsError } from '@tidings/protocol';

/** A token was good, and has run out: `unauthenticated`, and the same user may come back with a newer one. */
export class TokenExpired extends TidingsError {
  constructor(message: string) {
    super('unauthenticated', message);
  }
}
