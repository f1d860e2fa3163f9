import { usernamePrefix, userPrefix, userTopic } from '../../domain/topics.ts';
import type { Outcome, PutWrite } from '../../domain/writes.ts';
import type { Settled } from '../engine.ts';
import { isRead } from '../unread.ts';
import type { RecordRow, StandingRow, TopicRow, VersionRow } from './source.ts';
import { topicsOf, type WorkingSet } from './working-set.ts';

type Stored = Extract<Outcome, { status: 'stored' }>;
type Standings = ReadonlyMap<string, StandingRow>;

/**
 * Stores a record, new or as a new version of what is there.
 * @param settled takes in what of it came out otherwise than it was written
 */
export function put(rows: WorkingSet, write: PutWrite, settled: (one: Settled) => void): Outcome {
  if (write.key) {
    const known = rows.key(write.key.key);
    if (known && known.hash !== write.key.hash) return { status: 'mismatch' };
    if (known) {
      if (write.key.outbox !== undefined) rows.leaveOutbox(write.key.outbox);
      return { status: 'duplicate', id: known.record_id, rev: known.rev };
    }
  }
  const isNew = write.expect === null && write.kind === 'notification';
  const current = isNew ? undefined : rows.version(write.id);
  const rev = current?.rev ?? null;
  if (write.expect !== undefined && write.expect !== rev) return { status: 'stale', rev };
  if (isLinkStale(rows, write)) return { status: 'stale', rev };
  const older = write.alert === 'ask' ? collapsible(rows, write) : undefined;
  if (older && current) takeOut(rows, current);
  if (!older) return store(rows, write, current, settled);
  return { ...store(rows, inPlaceOf(write, older.id), older, settled), collapsed: true };
}

/** Whether the task of a notification, or the notifications of a task, are others than the write was made from. */
function isLinkStale(rows: WorkingSet, { shows, linked }: PutWrite): boolean {
  if (shows && rows.version(shows.id)?.rev !== shows.rev) return true;
  if (!linked) return false;
  const ids = new Set(rows.linkedTo(linked.taskId).map(({ id }) => id));
  return ids.size !== linked.ids.length || !linked.ids.every((id) => ids.has(id));
}

/** The live notification that a newer one takes the place of: not one that its only recipient has read. */
function collapsible(rows: WorkingSet, { id, collapse }: PutWrite): VersionRow | undefined {
  const older = collapse === null ? undefined : rows.collapsible(collapse);
  if (!older || older.id === id) return undefined;
  const topics = topicsOf(older.topics);
  const only = topics.length === 1 ? (topics[0] as string) : '';
  if (!only.startsWith(userPrefix)) return older;
  const [userId, standing] = [userOf(only), rows.standing(older, only)];
  const watermark = rows.watermark(userId)?.read_upto ?? 0;
  return isRead(standing?.alert_rev ?? 0, rows.receipt(userId, older.id), watermark) ? undefined : older;
}

/** The same for one that takes the place of an older, and so bears its id. */
const inPlaceOf = (write: PutWrite, id: string): PutWrite => ({
  ...{ ...write, id, body: write.body.replaceAll(write.id, id) },
  state: write.state?.replaceAll(write.id, id) ?? null,
});

/** Stores a record at the next rev, in the place of the version before, where there is one. */
function store(
  rows: WorkingSet,
  write: PutWrite,
  current: VersionRow | undefined,
  settled: (one: Settled) => void,
): Stored {
  const { id, at, key } = write;
  const before: Standings = current ? takeOut(rows, current) : new Map();
  const rev = ++rows.head;
  const topics = resolve(rows, write.topics);
  const standings = topics.map((topic): TopicRow => {
    const kept = write.alert === 'keep' ? before.get(topic)?.alert_rev : undefined;
    const alert_rev = write.alert === 'never' ? 0 : (kept ?? rev);
    return { topic, rev, record_id: id, alert_rev, category: write.category, expired: write.expired ? 1 : 0 };
  });
  if (write.alert === 'ask' && current) rows.renew(id);
  rows.store(rowOf(write, rev, topics, standings), standings);
  // A notification that is new, or asks for attention anew, has been read by nobody.
  for (const standing of standings) count(rows, standing, current !== undefined && write.alert === 'keep');
  if (key) {
    rows.useKey(key.key, { hash: key.hash, record_id: id, rev, at });
    if (key.outbox !== undefined) rows.leaveOutbox(key.outbox);
  }
  settle(write, rev, topics, standings, before, settled);
  return { status: 'stored', id, rev };
}

/** Says in what a put came out otherwise than `batchOf` takes it. */
function settle(
  write: PutWrite,
  rev: number,
  topics: readonly string[],
  standings: readonly TopicRow[],
  before: Standings,
  settled: (one: Settled) => void,
): void {
  const isSame = (topic: string, was: StandingRow): boolean => {
    const is = standings.find((one) => one.topic === topic) ?? {
      alert_rev: write.alert === 'ask' ? rev : write.alert === 'never' ? 0 : was.alert_rev,
      expired: write.expired ? 1 : 0,
      category: write.category,
    };
    return is.alert_rev === was.alert_rev && is.expired === was.expired && is.category === was.category;
  };
  const recount = [...before].some(([topic, was]) => was.alert_rev > 0 && !isSame(topic, was));
  if (topics === write.topics && write.alert !== 'keep' && !recount) return;
  const byAlertRev = Map.groupBy(standings, ({ alert_rev }) => alert_rev);
  if (standings.length === 0) byAlertRev.set(0, []);
  for (const [alertRev, those] of byAlertRev)
    settled({ rev, topics: those.map(({ topic }) => topic), alertRev, recount });
}

/** Removes the present version of a record, with what it counted for. @returns how it stood on its topics */
function takeOut(rows: WorkingSet, version: VersionRow): Map<string, StandingRow> {
  const before = new Map<string, StandingRow>();
  for (const topic of topicsOf(version.topics)) {
    const standing = rows.standing(version, topic);
    if (!standing) continue;
    before.set(topic, standing);
    if (topic.startsWith(userPrefix) && rows.isUnread(userOf(topic), version.id, standing))
      rows.count(userOf(topic), standing.category, -1);
  }
  rows.remove(version);
  return before;
}

/** Counts a record as unread for the user whose topic it is. @param isKnown whether the user may have read it */
export function count(rows: WorkingSet, standing: TopicRow, isKnown: boolean): void {
  const { topic, record_id, alert_rev, expired, category } = standing;
  if (alert_rev === 0 || expired === 1 || !topic.startsWith(userPrefix)) return;
  const userId = userOf(topic);
  if (!isKnown || rows.isUnread(userId, record_id, standing)) rows.count(userId, category, 1);
}

/** Names that are bound become their users; resolved here, so that no binding can slip in between. */
function resolve(rows: WorkingSet, topics: readonly string[]): readonly string[] {
  if (!topics.some((topic) => topic.startsWith(usernamePrefix))) return topics;
  const resolved = new Set<string>();
  for (const topic of topics) {
    const isName = topic.startsWith(usernamePrefix);
    const userId = isName ? rows.userId(topic.slice(usernamePrefix.length)) : undefined;
    resolved.add(userId === undefined ? topic : userTopic(userId));
  }
  return [...resolved];
}

function rowOf(write: PutWrite, rev: number, topics: readonly string[], standings: readonly TopicRow[]): RecordRow {
  const { id, kind, audience, body, state, owner, status, at, type, search, collapse, category } = write;
  let alert_rev = 0;
  for (const standing of standings) alert_rev = Math.max(alert_rev, standing.alert_rev);
  return {
    ...{ rev, id, kind, topics: JSON.stringify(topics), audience: audience === null ? null : JSON.stringify(audience) },
    ...{
      body,
      state,
      owner,
      status,
      external_id: write.externalId,
      task_id: write.taskId ?? null,
      at,
      type,
      search,
      collapse,
    },
    ...{ due_at: write.dueAt, category, alert_rev, expired: write.expired ? 1 : 0 },
  };
}

const userOf = (topic: string): string => topic.slice(userPrefix.length);
