import { TidingsError } from '@tidings/protocol';

/**
 * Refuses what an application sends along where it is larger than every client can be sent.
 *
 * @param name what it is called, as `data`
 * @param atMost bytes of its JSON
 * @throws TidingsError `payload_too_large`
 */
export function checkDataSize(value: unknown, { name, atMost, index }: DataLimit): void {
  if (value === undefined) return;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= atMost) return;
  const place = index === undefined ? '' : `item ${index}: `;
  const message = `${place}"${name}" has ${bytes} bytes as JSON, more than ${atMost}; keep it where it can be fetched, and send its address`;
  throw new TidingsError('payload_too_large', message, { index });
}

interface DataLimit {
  name: string;
  atMost: number;
  /** The index of the item in a batch. */
  index?: number | undefined;
}
