import { audienceRecordId } from '../../domain/inbox/receipts.ts';
import type { Outcome, RightsWrite } from '../../domain/ports.ts';
import type { Row } from '../engine.ts';
import { audienceChange } from '../receipt-rows.ts';
import type { Transaction } from './transaction.ts';

/** Stores what shared topics a user hears, where this is the newest that was said of it. */
export function storeRights(at: Transaction, write: RightsWrite): Outcome {
  const { userId } = write;
  const user = at.get('user', userId);
  if (user && Number(user.roles_at) > write.issuedAt) return { status: 'unchanged' };
  at.run('setRoles', userId, JSON.stringify(write.roles), write.issuedAt);
  const known = new Map(at.all('audiences', userId).map((row) => [String(row.topic), row]));
  const changes: Row[] = [];
  for (const [topic, row] of known) {
    if (row.left_rev !== null || write.topics.includes(topic)) continue;
    const rev = ++at.head;
    at.run('setAudience', userId, topic, rev, row.since, rev, write.at);
    changes.push({ user_id: userId, topic, rev, left_rev: rev });
  }
  for (const topic of new Set(write.topics)) {
    const row = known.get(topic);
    if (row && row.left_rev === null) continue;
    const rev = ++at.head;
    // Who was away for less than the look-back sees what was seen before too.
    const wasHere = row && Number(row.left_at) >= write.since;
    const since = wasHere ? Number(row.since) : Number(at.get('markBefore', write.since)?.rev ?? 0);
    at.run('setAudience', userId, topic, rev, since, null, null);
    changes.push({ user_id: userId, topic, rev, left_rev: null });
  }
  if (changes.length === 0) return { status: 'unchanged' };
  const state = at.inboxState(userId);
  at.produced.push(...changes.map((row) => audienceChange(row, state, write.at)));
  return { status: 'stored', id: audienceRecordId(userId), rev: at.head };
}
