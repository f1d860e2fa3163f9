import { membershipRecordId } from '../../domain/inbox/receipts.ts';
import type { MemberWrite, Outcome } from '../../domain/writes.ts';
import type { DerivedChange } from './derived-changes.ts';
import type { WorkingSet } from './working-set.ts';

/** Stores the right of a user in a room. What the room has kept is seen by its members, however old it is. */
export function member(rows: WorkingSet, write: MemberWrite, derive: (derived: DerivedChange) => void): Outcome {
  const { userId, topic, access, at } = write;
  const known = rows.users.memberships(userId).get(topic);
  const isLeft = access === null;
  if (known ? (known.left_rev === null ? known.access : null) === access : isLeft) return { status: 'unchanged' };
  const rev = ++rows.head;
  const stored = access ?? known?.access ?? 'r';
  rows.users.setMembership({
    ...{ user_id: userId, topic, rev, since: 0, access: stored },
    ...{ left_rev: isLeft ? rev : null, left_at: isLeft ? at : null },
  });
  derive({ kind: 'membership', rev, userId, topic, access: stored, isLeft, at });
  return { status: 'stored', id: membershipRecordId(topic), rev };
}
