import type { Change } from '../domain/ports.ts';

/** What is added to a frame that is sent again, as JSON members. */
export const replayedMark = '"replayed":true';
export const snapshotMark = '"snapshot":true';

/** A record's frame as text: its body, with marks, its rev, and the rev at which it last asked for attention, where that is another. */
export function frameText(change: Pick<Change, 'body' | 'rev' | 'alertRev'>, marks: readonly string[] = []): string {
  const { body, rev, alertRev } = change;
  const extra = marks.map((mark) => `${mark},`).join('');
  const asked = alertRev === 0 || alertRev === rev ? '' : `"alert_rev":${alertRev},`;
  return `${body.slice(0, -1)},${extra}${asked}"rev":${rev}}`;
}

/** Tells those who could see a record that it is not for them any more, and nothing else of it. */
export function retractionText(change: Pick<Change, 'id' | 'rev' | 'body'>, marks: readonly string[] = []): string {
  const { timestamp } = JSON.parse(change.body) as { timestamp: string };
  const body = JSON.stringify({ type: 'retracted', id: change.id, timestamp, data: {} });
  return frameText({ body, rev: change.rev, alertRev: 0 }, marks);
}

/** The id under which a later frame takes the place of this one; receipts tell only what changed, so each of them counts. */
export const supersededBy = (change: Pick<Change, 'id' | 'kind'>): string | null =>
  change.kind === 'receipts' || change.kind === 'audience' ? null : change.id;

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
  readonly since: 'leaving' | 'former';
  #bytes: Buffer | undefined;
  #retraction: Buffer | undefined;

  /** @param since whether it is told as it happens, or after what may have been several changes */
  constructor(change: Change, since: 'leaving' | 'former') {
    this.change = change;
    this.since = since;
  }

  get id(): string | null {
    return supersededBy(this.change);
  }

  get bytes(): Buffer {
    this.#bytes ??= encodeText(frameText(this.change));
    return this.#bytes;
  }

  /** The same for those who saw an earlier version and may not see this one. */
  get retraction(): Buffer {
    this.#retraction ??= encodeText(retractionText(this.change));
    return this.#retraction;
  }
}
