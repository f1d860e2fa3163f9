import type { Visibility } from '../domain/identity.ts';
import type { PersonalChange } from '../domain/store/records.ts';
import { type EncodedFrame, type Encoding, Frame } from '../fanout/frame.ts';
import { frameText, retractionText, snapshotMark, supersededBy, truncatedChange } from '../fanout/record-text.ts';

interface StoredFrameOptions {
  /** JSON members that are added to the frame. */
  marks: readonly string[];
  /** The largest frame that the client takes, bytes. */
  maxFrame: number;
  encoding: Encoding;
  /** The cursor that the client holds, for encodings that repeat it. */
  heldCursor: string | null;
}

/** The frame of a record that was read from the store, with the user's receipt and no cursor; null if nothing is to be sent. */
export function storedFrame(
  change: PersonalChange,
  visibility: Visibility,
  { marks, maxFrame, encoding, heldCursor }: StoredFrameOptions,
): EncodedFrame | null {
  const encode = (text: string): EncodedFrame =>
    new Frame(text, { origin: 'store', id: supersededBy(change), heldCursor }).encodedBy(encoding);
  if (visibility === 'visible') {
    const receipt = change.receipt ? [...marks, `"receipt":${JSON.stringify(change.receipt)}`] : marks;
    const whole = encode(frameText(change, receipt));
    return whole.bytes.length <= maxFrame ? whole : encode(frameText(truncatedChange(change), receipt));
  }
  // A client with a snapshot has nothing that could be retracted.
  const isRetracted = visibility === 'retracted' && !marks.includes(snapshotMark);
  return isRetracted ? encode(retractionText(change, marks)) : null;
}
