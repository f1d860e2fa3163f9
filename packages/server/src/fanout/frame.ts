import type { Change } from '../domain/ports.ts';

/** What is added to a frame that is sent again, as JSON members. */
export const replayedMark = '"replayed":true';
export const snapshotMark = '"snapshot":true';

/** A record's frame as text: its body, with marks, and its rev. */
export function frameText(change: Pick<Change, 'body' | 'rev'>, marks: readonly string[] = []): string {
  const extra = marks.map((mark) => `${mark},`).join('');
  return `${change.body.slice(0, -1)},${extra}"rev":${change.rev}}`;
}

/** A text message of a server, whole and unmasked (RFC 6455 section 5.2), ready to be written to any socket. */
export function encodeText(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const buffer = Buffer.allocUnsafe(header + length);
  buffer[0] = 0x81;
  if (header === 2) buffer[1] = length;
  else if (header === 4) {
    buffer[1] = 126;
    buffer.writeUInt16BE(length, 2);
  } else {
    buffer[1] = 127;
    buffer.writeBigUInt64BE(BigInt(length), 2);
  }
  buffer.write(text, header);
  return buffer;
}

/**
 * One change on its way to everybody who hears it: encoded once, at its first reader, and shared from then on.
 */
export class SharedFrame {
  readonly change: Change;
  #bytes: Buffer | undefined;

  constructor(change: Change) {
    this.change = change;
  }

  get id(): string {
    return this.change.id;
  }

  get bytes(): Buffer {
    this.#bytes ??= encodeText(frameText(this.change));
    return this.#bytes;
  }
}
