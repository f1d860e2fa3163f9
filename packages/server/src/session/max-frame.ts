import { TidingsError } from '@tidings/protocol';
import { largestFrame } from '../domain/frame-size.ts';

/** The least that a client must take, bytes: the longest ids there can be fit, with all that a truncated frame has. */
const smallest = 8_192;

/** Reads `?max_frame=`: the largest frame a client takes, bytes; the error `bad_request` if it is none. */
export function maxFrameOf(query: URLSearchParams): number | TidingsError {
  const text = query.get('max_frame');
  if (!text) return largestFrame;
  const number = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (number >= smallest) return Math.min(number, largestFrame);
  return new TidingsError(
    'bad_request',
    `max_frame must be a whole number of bytes from ${smallest}; got "${text.slice(0, 40)}"`,
  );
}
