import type { PlainRecord } from '../domain/store/records.ts';
import { type EncodedFrame, type Encoding, Frame, type TextHeader } from '../fanout/frame.ts';
import { frameEnd, frameText } from '../fanout/record-text.ts';

/** Bytes past which no more frames are put together as one: as many as are handed to a connection at once. */
const blockBytes = 60_000;

interface PlainFrameOptions {
  /** JSON members that are added to each frame. */
  marks: readonly string[];
  encoding: Encoding;
  /** The cursor that the client holds, for encodings that repeat it. */
  heldCursor: string | null;
}

/** The frames of plain records, without cursors, which fit every client. As bytes of what was read, many of them as one, where the encoding allows it. */
export function plainFrames(
  records: readonly PlainRecord[],
  { marks, encoding, heldCursor }: PlainFrameOptions,
): EncodedFrame[] {
  const { header } = encoding;
  if (!header)
    return records.map((record) =>
      new Frame(textOf(record, marks), { origin: 'store', heldCursor }).encodedBy(encoding),
    );
  const blocks: EncodedFrame[] = [];
  for (let first = 0; first < records.length; ) {
    const ends: string[] = [];
    let size = 0;
    while (first + ends.length < records.length && size < blockBytes) {
      const record = records[first + ends.length] as PlainRecord;
      const end = frameEnd(record.rev, marks);
      const length = lengthOf(record, end);
      size += header.size(length) + length;
      ends.push(end);
    }
    const bytes = joined(records, first, ends, header, size);
    blocks.push({ id: null, origin: 'store', messages: ends.length, bytes, tags: [] });
    first += ends.length;
  }
  return blocks;
}

const textOf = ({ source, begin, end, rev }: PlainRecord, marks: readonly string[]): string =>
  frameText({ body: source.toString('utf8', begin, end), rev, alertRev: rev }, marks);

/** The end, which is ASCII, takes the place of the body's last byte. */
const lengthOf = ({ begin, end }: PlainRecord, frameEnd: string): number => end - begin - 1 + frameEnd.length;

function joined(
  records: readonly PlainRecord[],
  first: number,
  ends: readonly string[],
  header: TextHeader,
  size: number,
): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (let i = 0; i < ends.length; i++) {
    const record = records[first + i] as PlainRecord;
    const end = ends[i] as string;
    at = header.write(bytes, at, lengthOf(record, end));
    at += record.source.copy(bytes, at, record.begin, record.end - 1);
    at += bytes.write(end, at, 'latin1');
  }
  return bytes;
}
