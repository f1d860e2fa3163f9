import { membershipRecordId } from '../../domain/inbox/receipts.ts';
import type { Outcome, RightsWrite } from '../../domain/writes.ts';
import type { DerivedChange } from './derived-changes.ts';
import type { MembershipRow } from './source.ts';
import type { WorkingSet } from './working-set.ts';

/** Stores the shared topics of a user, if this is the newest statement of them. Memberships of rooms are none of its business. */
export function rights(rows: WorkingSet, write: RightsWrite, derive: (derived: DerivedChange) => void): Outcome {
  const { userId, at } = write;
  const { users } = rows;
  if (users.rolesAt(userId) > write.issuedAt) return { status: 'unchanged' };
  users.setRoles({ user_id: userId, roles: JSON.stringify(write.roles), roles_at: write.issuedAt });
  const known = users.memberships(userId);
  const change = (row: Pick<MembershipRow, 'topic' | 'since'>, isLeft: boolean) => {
    const rev = ++rows.head;
    const left = { left_rev: isLeft ? rev : null, left_at: isLeft ? at : null };
    users.setMembership({ ...row, ...left, user_id: userId, rev, access: null });
    derive({ kind: 'membership', rev, userId, topic: row.topic, access: null, isLeft, at });
  };
  const before = rows.head;
  for (const row of known.values()) {
    if (row.access === null && row.left_rev === null && !write.topics.includes(row.topic))
      change({ topic: row.topic, since: row.since }, true);
  }
  for (const topic of new Set(write.topics)) {
    const row = known.get(topic);
    if (row && row.left_rev === null) continue;
    // A user who was away for less than the look-back sees the earlier notifications too.
    const wasHere = row && Number(row.left_at) >= write.visibleFrom;
    change({ topic, since: wasHere ? row.since : rows.revAt(write.visibleFrom) }, false);
  }
  if (rows.head === before) return { status: 'unchanged' };
  return { status: 'stored', id: membershipRecordId(userId), rev: rows.head };
}
