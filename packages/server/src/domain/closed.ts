import { TidingsError } from '@tidings/protocol';

/** The answer to every call of a server after its `close()`. */
export const closedError = (): TidingsError =>
  new TidingsError('unavailable', 'close() was called: this server is closed for good; create another one', {
    retryable: false,
  });
