import { TidingsError } from '@tidings/protocol';

/** The answer to a failure of the server's own, whose words only its log has. */
export const internalError = (cause?: unknown): TidingsError =>
  new TidingsError('internal', 'the server failed at this; it is in its log', { cause });
