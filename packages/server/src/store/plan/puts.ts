import { usernamePrefix, userPrefix, userTopic } from '../../domain/topics.ts';
import type { Outcome, PutWrite } from '../../domain/writes.ts';
import type { Adjustment } from '../engine.ts';
import { isRead, isUnread } from '../unread.ts';
import {
  type ReceiptRow,
  type RecordRow,
  type StandingRow,
  type TopicRow,
  topicsOf,
  type VersionRow,
} from './source.ts';
import type { WorkingSet } from './working-set.ts';

type Stored = Extract<Outcome, { status: 'stored' }>;

/** The standing of a version on a topic; on a user's own, also what the user has done with it. */
interface Standing extends StandingRow {
  receipt: ReceiptRow | undefined;
  watermark: number;
}
type Standings = ReadonlyMap<string, Standing>;
const noStandings: Standings = new Map();
const noAttention = { receipt: undefined, watermark: 0 };

/** A version that is there, with how it stands on each of its topics. */
interface Present {
  version: VersionRow;
  standings: Standings;
}

/**
 * Stores a record, new or as a new version of what is there.
 * @param adjust is called with what of it came out otherwise than it was written
 */
export function put(rows: WorkingSet, write: PutWrite, adjust: (one: Adjustment) => void): Outcome {
  if (write.key) {
    const known = rows.key(write.key.key);
    if (known && known.hash !== write.key.hash) return { status: 'mismatch' };
    if (known && known.record_id !== write.key.by) {
      if (write.key.outbox !== undefined) rows.leaveOutbox(write.key.outbox);
      return { status: 'duplicate', id: known.record_id, rev: known.rev };
    }
  }
  const isNew = write.expect === null && (write.kind === 'notification' || write.kind === 'room_event');
  const current = isNew ? undefined : rows.records.version(write.id);
  const rev = current?.rev ?? null;
  if (write.expect !== undefined && write.expect !== rev) return { status: 'stale', rev };
  if (isLinkStale(rows, write)) return { status: 'stale', rev };
  if (isOneKeyMore(rows, write, rev)) return { status: 'full' };
  const older = write.alert === 'ask' ? collapsible(rows, write) : undefined;
  const present = current && presentOf(rows, current, write.alert);
  if (!older) return store(rows, write, present, adjust);
  if (present) takeOut(rows, present);
  return { ...store(rows, withId(write, older.version.id), older, adjust), collapsed: true };
}

/** True if the task of a notification, or the notifications of a task, are others than the write was made from. */
function isLinkStale(rows: WorkingSet, { shows, linked }: PutWrite): boolean {
  if (shows && rows.records.version(shows.id)?.rev !== shows.rev) return true;
  if (!linked) return false;
  const versions = rows.records.linkedTo(linked.taskId);
  return versions.length !== linked.ids.length || !versions.every(({ id }) => linked.ids.includes(id));
}

/** True if a room has all the keys that it may have, and not this one. */
function isOneKeyMore(rows: WorkingSet, { id, topics, keys }: PutWrite, rev: number | null): boolean {
  if (!keys || (rev !== null && rev === keys.knownRev)) return false;
  const known = rows.records.roomState(JSON.stringify(topics));
  return known.length >= keys.atMost && !known.some((key) => key.id === id);
}

/** The live notification that a newer one takes the place of: not one that its only recipient has read. */
function collapsible(rows: WorkingSet, { id, collapse }: PutWrite): Present | undefined {
  const version = collapse === null ? undefined : rows.records.collapsible(collapse);
  if (!version || version.id === id) return undefined;
  const older = presentOf(rows, version, 'ask');
  if (older.standings.size !== 1) return older;
  const [[topic, only]] = older.standings as unknown as [[string, Standing]];
  const isReadByAll = topic.startsWith(userPrefix) && isRead(only.alert_rev, only.receipt, only.watermark);
  return isReadByAll ? undefined : older;
}

/** A version with how it stands, as far as the one that takes its place needs to know. */
function presentOf(rows: WorkingSet, version: VersionRow, alert: PutWrite['alert']): Present {
  // One that asked nobody for attention counts nowhere, and gives the next nothing to keep.
  if (version.alert_rev === 0 && alert !== 'keep') return { version, standings: noStandings };
  const standings = new Map<string, Standing>();
  for (const topic of topicsOf(version.topics)) {
    const standing = rows.records.standing(version, topic);
    if (standing) standings.set(topic, withAttention(rows, version.id, topic, standing));
  }
  return { version, standings };
}

function withAttention(rows: WorkingSet, id: string, topic: string, standing: StandingRow): Standing {
  const { alert_rev, expired, category } = standing;
  if (alert_rev === 0 || !topic.startsWith(userPrefix)) return { alert_rev, expired, category, ...noAttention };
  const userId = userOf(topic);
  const watermark = rows.users.watermark(userId).read_upto;
  return { alert_rev, expired, category, receipt: rows.users.receipt(userId, id), watermark };
}

/** A write under the id by which it is stored: that of an older notification, if it takes the place of one. */
export function withId(write: PutWrite, id: string): PutWrite {
  if (id === write.id) return write;
  const body = write.body.replaceAll(write.id, id);
  return { ...write, id, body, state: write.state?.replaceAll(write.id, id) ?? null };
}

/** Stores a record at the next rev, in the place of the version before, where there is one. */
function store(
  rows: WorkingSet,
  write: PutWrite,
  current: Present | undefined,
  adjust: (one: Adjustment) => void,
): Stored {
  const { id, at, key } = write;
  if (current) takeOut(rows, current);
  const before = current?.standings ?? noStandings;
  const rev = ++rows.head;
  const topics = resolve(rows, write.topics);
  const standings = topics.map((topic): TopicRow => {
    const kept = write.alert === 'keep' ? before.get(topic)?.alert_rev : undefined;
    const alert_rev = write.alert === 'never' ? 0 : (kept ?? rev);
    const { category, externalId: external_id } = write;
    return { topic, rev, record_id: id, alert_rev, category, expired: write.expired ? 1 : 0, external_id };
  });
  if (write.alert === 'ask' && current) rows.users.renew(id);
  rows.records.store(rowOf(write, rev, topics, standings), standings);
  // A notification that is new, or asks for attention anew, has been read by nobody.
  for (const standing of standings) {
    if (current && write.alert === 'keep') countKnown(rows, standing, before.get(standing.topic));
    else count(rows, standing, true);
  }
  if (key && key.by === undefined) {
    rows.useKey(key.key, { hash: key.hash, record_id: id, rev, at });
    if (key.outbox !== undefined) rows.leaveOutbox(key.outbox);
  }
  noteAdjustments(write, rev, topics, standings, before, adjust);
  return { status: 'stored', id, rev };
}

/** Says in what a put came out otherwise than `batchOf` takes it. */
function noteAdjustments(
  write: PutWrite,
  rev: number,
  topics: readonly string[],
  standings: readonly TopicRow[],
  before: Standings,
  adjust: (one: Adjustment) => void,
): void {
  if (before.size === 0 && topics === write.topics && write.alert !== 'keep') return;
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
    adjust({ rev, topics: those.map(({ topic }) => topic), alertRev, recount });
}

/** Removes the present version of a record, with what it counted for. */
function takeOut(rows: WorkingSet, { version, standings }: Present): void {
  for (const [topic, standing] of standings) {
    if (topic.startsWith(userPrefix) && isUnread(standing, standing.receipt, standing.watermark))
      rows.users.count(userOf(topic), standing.category, -1);
  }
  rows.records.remove(version);
}

/** Counts a record as unread for the user whose topic it is. */
function count(rows: WorkingSet, { topic, category, alert_rev, expired }: TopicRow, isUnread: boolean): void {
  if (!isUnread || alert_rev === 0 || expired === 1 || !topic.startsWith(userPrefix)) return;
  rows.users.count(userOf(topic), category, 1);
}

/** The same for a user who may have read it. @param was how it stood on the topic before */
export function countKnown(rows: WorkingSet, standing: TopicRow, was?: Standing): void {
  if (!standing.topic.startsWith(userPrefix)) return;
  const { receipt, watermark } = was ?? withAttention(rows, standing.record_id, standing.topic, standing);
  count(rows, standing, isUnread(standing, receipt, watermark));
}

/** Names that are bound become their users; resolved here, so that no binding can slip in between. */
function resolve(rows: WorkingSet, topics: readonly string[]): readonly string[] {
  if (!topics.some((topic) => topic.startsWith(usernamePrefix))) return topics;
  const resolved = new Set<string>();
  for (const topic of topics) {
    const isName = topic.startsWith(usernamePrefix);
    const userId = isName ? rows.users.userId(topic.slice(usernamePrefix.length)) : undefined;
    resolved.add(userId === undefined ? topic : userTopic(userId));
  }
  return [...resolved];
}

function rowOf(write: PutWrite, rev: number, topics: readonly string[], standings: readonly TopicRow[]): RecordRow {
  const { id, kind, viewers, body, state, owner, status, at, type, search, collapse, category } = write;
  let alert_rev = 0;
  for (const standing of standings) alert_rev = Math.max(alert_rev, standing.alert_rev);
  return {
    rev,
    id,
    kind,
    topics: JSON.stringify(topics),
    audience: viewers === null ? null : JSON.stringify(viewers),
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
    due_at: write.dueAt,
    category,
    alert_rev,
    expired: write.expired ? 1 : 0,
  };
}

const userOf = (topic: string): string => topic.slice(userPrefix.length);
