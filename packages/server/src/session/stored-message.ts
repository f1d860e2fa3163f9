import type { Sight } from '../domain/identity.ts';
import type { PersonalChange } from '../domain/ports.ts';
import { frameText, retractionText, snapshotMark, supersededBy, truncatedChange } from '../fanout/frame.ts';
import { type Message, plainMessage } from '../fanout/message.ts';

/** The message by which somebody is sent a record that was read from the store, with their receipt and no cursor; null for nothing. */
export function storedMessage(
  change: PersonalChange,
  sight: Sight,
  { marks, maxFrame }: { marks: readonly string[]; maxFrame: number },
): Message | null {
  const id = supersededBy(change);
  if (sight === 'visible') {
    const receipt = change.receipt ? [...marks, `"receipt":${JSON.stringify(change.receipt)}`] : marks;
    const whole = plainMessage(frameText(change, receipt), id);
    if (whole.bytes.length <= maxFrame) return whole;
    return plainMessage(frameText(truncatedChange(change), receipt), id);
  }
  // A snapshot begins with nothing, so that nothing is to be taken back.
  const isTold = sight === 'retracted' && !marks.includes(snapshotMark);
  return isTold ? plainMessage(retractionText(change, marks), id) : null;
}
