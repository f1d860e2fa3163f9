import type { Sight } from '../domain/identity.ts';
import type { PersonalChange } from '../domain/ports.ts';
import { encodeText, frameText, retractionText, snapshotMark, supersededBy } from '../fanout/frame.ts';
import type { Outgoing } from './outbox.ts';

/** What somebody is sent of a record that was read from the store, with their receipt; null for nothing. */
export function storedMessage(change: PersonalChange, sight: Sight, marks: readonly string[]): Outgoing | null {
  const id = supersededBy(change);
  if (sight === 'visible') {
    const receipt = change.receipt ? [...marks, `"receipt":${JSON.stringify(change.receipt)}`] : marks;
    return { id, bytes: encodeText(frameText(change, receipt)) };
  }
  // A snapshot begins with nothing, so that nothing is to be taken back.
  const isTold = sight === 'retracted' && !marks.includes(snapshotMark);
  return isTold ? { id, bytes: encodeText(retractionText(change, marks)) } : null;
}
