import type { InboxState } from '../domain/inbox/receipts.ts';
import type { HistoryStore } from '../domain/store/history.ts';
import { countSteps, countsOf } from './counts.ts';
import { termAt } from './pages.ts';
import { membershipChange, receiptRows, receiptsInRange, usersIn, wholeRevs } from './receipt-frames.ts';
import { changesOf } from './record-rows.ts';
import { pageOfOne, type SqlDatabase, step } from './steps.ts';
import { watermarkOf } from './user-rows.ts';

/** The sequence, read in ranges of revs. */
export const historyReads = (database: SqlDatabase): HistoryStore => ({
  async head() {
    const { sequence, terms } = await database.read({ sequence: step('sequence'), terms: step('lastTerm') });
    const [at, last] = [sequence[0], terms[0]];
    if (!at || !last) throw new Error('the database has no sequence');
    return { term: last.term, termFrom: last.from_rev, head: at.head, floor: at.floor };
  },

  async range(from, to) {
    const revs = { from, to };
    const { sequence, terms, page, alerts, ...found } = await database.read({
      ...{ sequence: step('sequence'), terms: step('terms') },
      ...{ page: pageOfOne(step('range', revs), to - from + 1), alerts: step('rangeAlerts', revs) },
      ...{
        receipts: step('receiptsRange', { ...revs, limit: receiptRows }),
        watermarks: step('watermarksRange', revs),
      },
      memberships: step('membershipsRange', revs),
    });
    const receipts = wholeRevs(found.receipts);
    const end = page.full ? Number(page.rows.at(-1)?.rev) : to;
    const upTo = Math.min(end, receipts.upTo, Number(sequence[0]?.head));
    const marked = receipts.rows.filter(({ rev }) => rev <= upTo);
    const watermarks = found.watermarks.filter(({ read_upto_rev }) => read_upto_rev <= upTo);
    const memberships = found.memberships.filter(({ rev }) => rev <= upTo);
    const earlier = Map.groupBy(alerts, ({ rev }) => rev);
    const states = await inboxStates(database, usersIn(marked, watermarks, memberships));
    const changes = [
      ...page.rows.filter(({ rev }) => rev <= upTo).flatMap((row) => changesOf(row, earlier.get(row.rev) ?? [])),
      ...receiptsInRange(marked, watermarks, states),
      ...memberships.map((row) => membershipChange(row, states.get(row.user_id) as InboxState, Date.now())),
    ];
    return { upTo, termAt: (rev) => termAt(rev, terms), changes: changes.sort((a, b) => a.rev - b.rev) };
  },
});

/** The states of users' inboxes. */
async function inboxStates(database: SqlDatabase, userIds: readonly string[]): Promise<Map<string, InboxState>> {
  const states = new Map<string, InboxState>();
  for (const userId of userIds) {
    const { sequence, user, counts } = await database.read({
      ...{ sequence: step('sequence'), user: step('user', { userId }), counts: countSteps(userId) },
    });
    const asOf = Number(sequence[0]?.head);
    states.set(userId, { counts: countsOf(counts), asOf, readUpto: watermarkOf(user[0]).rev });
  }
  return states;
}
