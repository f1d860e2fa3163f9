import type pg from 'pg';
import { isCollapsibleSql } from '../plan/collapsible.ts';
import {
  type KeyRow,
  type MembershipRow,
  marksAtOnce,
  type ReceiptRow,
  type RecordRow,
  type StandingRow,
  type VersionRow,
  waitingAtOnce,
} from '../plan/source.ts';
import { decodeJson, encodeText } from './characters.ts';

interface ByExternalId {
  topic: string;
  id: string;
  after: number;
  n: number;
}

/** The rows that a plan asks for. A snapshot has them, and whatever is likely to be asked for with them. */
export class Wanted {
  readonly keys = new Set<string>();
  readonly versions = new Set<string>();
  /** The number of records wanted by an application's own id, on a topic, past a rev. */
  readonly externalIds = new Map<string, ByExternalId>();
  readonly links = new Set<string>();
  /** Rooms whose keys are wanted, by the topics of their records. */
  readonly roomStates = new Set<string>();
  /** The number of records wanted of each collapse key. */
  readonly collapses = new Map<string, number>();
  readonly topics = new Set<string>();
  readonly records = new Set<string>();
  readonly receipts = new Map<string, readonly [userId: string, recordId: string]>();
  /** Pages of what users have marked as unread, each past a record. */
  readonly markedUnread = new Map<string, readonly [userId: string, after: string]>();
  readonly users = new Set<string>();
  readonly names = new Set<string>();
  readonly memberships = new Set<string>();
  readonly times = new Set<number>();

  copy(): Wanted {
    const copy = new Wanted();
    for (const name of Object.keys(this) as (keyof Wanted)[]) {
      const [from, to] = [this[name], copy[name]] as unknown as [Set<unknown>, Set<unknown>];
      if (from instanceof Map)
        for (const [key, value] of from) (to as unknown as Map<unknown, unknown>).set(key, value);
      else for (const key of from) to.add(key);
    }
    return copy;
  }

  /** Plans that touch any of the same rows must not be made at the same time. */
  touches(other: Wanted): boolean {
    const shared = [
      'versions',
      'externalIds',
      'links',
      'roomStates',
      'collapses',
      'topics',
      'markedUnread',
      'users',
      'names',
      'memberships',
    ] as const;
    return shared.some((name) => {
      const [few, many] = this[name].size < other[name].size ? [this[name], other[name]] : [other[name], this[name]];
      for (const key of few.keys()) if (many.has(key)) return true;
      return false;
    });
  }

  lists(): Record<ListName, readonly (string | number)[]> {
    const [receipts, pages] = [[...this.receipts.values()], [...this.markedUnread.values()]];
    const external = [...this.externalIds.values()];
    return {
      keys: [...this.keys],
      versions: [...this.versions],
      externalKeys: [...this.externalIds.keys()],
      externalTopics: external.map(({ topic }) => topic),
      externalIds: external.map(({ id }) => id),
      externalAfter: external.map(({ after }) => after),
      externalCounts: external.map(({ n }) => n),
      collapses: [...this.collapses.keys()],
      collapseCounts: [...this.collapses.values()],
      topics: [...this.topics],
      links: [...this.links],
      roomStates: [...this.roomStates],
      records: [...this.records],
      receiptUsers: receipts.map(([userId]) => userId),
      receiptRecords: receipts.map(([, recordId]) => recordId),
      pageUsers: pages.map(([userId]) => userId),
      pagesAfter: pages.map(([, after]) => after),
      users: [...this.users],
      names: [...this.names],
      memberships: [...this.memberships],
      times: [...this.times],
    };
  }
}

/** The parameters of the query, in the order in which the database takes them. */
const listTypes = {
  ...{ keys: 'text', versions: 'text' },
  ...{ externalKeys: 'text', externalTopics: 'text', externalIds: 'text' },
  ...{ externalAfter: 'bigint', externalCounts: 'bigint' },
  ...{ collapses: 'text', collapseCounts: 'bigint', topics: 'text', links: 'text', roomStates: 'text' },
  ...{ records: 'text' },
  ...{ receiptUsers: 'text', receiptRecords: 'text', pageUsers: 'text', pagesAfter: 'text' },
  ...{ users: 'text', names: 'text', memberships: 'text', times: 'bigint' },
} as const;
type ListName = keyof typeof listTypes;
const listNames = Object.keys(listTypes) as ListName[];

/** Rows of these lists, one column each. */
const unnest = (...names: ListName[]): string =>
  `unnest(${names.map((name) => `$${listNames.indexOf(name) + 1}::${listTypes[name]}[]`).join(', ')})`;

const versionColumns = 'r.rev, r.id, r.topics, r.alert_rev';

const external = unnest('externalKeys', 'externalTopics', 'externalIds', 'externalAfter', 'externalCounts');

/** One statement, and so one snapshot. Rows that follow from what was found are read with it. */
const snapshotQuery = `
with marked_unread as materialized (
  select w.id as user_id, w.after, c.record_id from ${unnest('pageUsers', 'pagesAfter')} w (id, after) cross join lateral (
    select record_id from receipts where user_id = w.id and marked_unread = 1 and record_id > w.after
    order by record_id limit ${marksAtOnce}) c
), version as materialized (
  select ${versionColumns}, null as external_id, null as collapse, null as topic, null as task_id, null as room_state
    from ${unnest('versions')} w (id) join records r on r.id = w.id
  union all
  select ${versionColumns}, w.key, null, null, null, null
    from ${external} w (key, topic, id, after, n)
    cross join lateral (
      select rev from record_topics where topic = w.topic and external_id = w.id and alert_rev > 0 and alert_rev > w.after
      order by alert_rev desc limit w.n) t join records r on r.rev = t.rev
  union all
  select ${versionColumns}, null, w.collapse, null, null, null
    from ${unnest('collapses', 'collapseCounts')} w (collapse, n) cross join lateral (
      select rev, id, topics, alert_rev from records where collapse = w.collapse and ${isCollapsibleSql}
      order by alert_rev desc limit w.n) r
  union all
  select ${versionColumns}, null, null, w.topic, null, null
    from ${unnest('topics')} w (topic) cross join lateral (
      select rev from record_topics where topic = w.topic order by rev limit ${waitingAtOnce}) t
    join records r on r.rev = t.rev
  union all
  select ${versionColumns}, null, null, null, null, null from marked_unread m join records r on r.id = m.record_id
  union all
  select ${versionColumns}, null, null, null, w.id, null
    from ${unnest('links')} w (id) join records r on r.task_id = w.id
  union all
  select ${versionColumns}, null, null, null, null, w.topics
    from ${unnest('roomStates')} w (topics) join records r on r.kind = 'room_state' and r.topics = w.topics
), version_topic as materialized (
  -- By itself, so that only single rows of record_topics are looked for.
  select v.id, v.rev, w.topic from version v cross join lateral json_array_elements_text(v.topics::json) w (topic)
), standing as materialized (
  select v.id as record_id, t.topic, t.rev, t.alert_rev, t.expired, t.category
    from version_topic v join record_topics t on t.topic = v.topic and t.rev = v.rev
), pair as materialized (
  select user_id, record_id from ${unnest('receiptUsers', 'receiptRecords')} w (user_id, record_id)
  union all
  select substr(s.topic, 6), s.record_id from standing s where starts_with(s.topic, 'user:') and s.alert_rev > 0
  union all
  select user_id, record_id from marked_unread
), person as materialized (
  select id from ${unnest('users')} w (id) union select user_id from pair
)
select row_to_json(answer) as answer from (select
  (select s.head from sequence s) as head,
  (select json_agg(x) from (select i.key, i.hash, i.record_id, i.rev
    from ${unnest('keys')} w (key) join idempotency i on i.key = w.key) x) as keys,
  (select json_agg(v) from version v) as versions,
  (select json_agg(m) from marked_unread m) as marked_unread,
  (select json_agg(s) from standing s) as standings,
  (select json_agg(r) from ${unnest('records')} w (id) join records r on r.id = w.id) as records,
  (select json_agg(x) from (select p.user_id as of_user, p.record_id as of_record, c.*
    from pair p left join receipts c on c.user_id = p.user_id and c.record_id = p.record_id) x) as receipts,
  (select json_agg(x) from (select p.id, u.username, u.read_upto, u.read_upto_at, u.roles_at
    from person p left join users u on u.user_id = p.id) x) as users,
  (select json_agg(x) from (select u.username, u.user_id
    from ${unnest('names')} w (name) join users u on u.username = w.name) x) as names,
  (select json_agg(a) from (select ${unnest('memberships')} as id union select ${unnest('receiptUsers')}) w
    join audiences a on a.user_id = w.id) as memberships,
  (select json_agg(x) from (select w.at, (select m.rev from marks m where m.at <= w.at order by m.at desc limit 1) as rev
    from ${unnest('times')} w (at)) x) as revs) answer`;

export type FoundVersion = VersionRow & {
  external_id: string | null;
  collapse: string | null;
  topic: string | null;
  task_id: string | null;
  room_state: string | null;
};
/** The receipt of a pair that was asked for; all null where there is none. */
type FoundReceipt = { of_user: string; of_record: string } & (ReceiptRow | { [Column in keyof ReceiptRow]: null });
/** All columns are null for an unknown user. */
interface FoundUser {
  id: string;
  username: string | null;
  read_upto: number | null;
  read_upto_at: number | null;
  roles_at: number | null;
}

/** The rows of a snapshot; null in place of no rows. */
export interface SnapshotRows {
  head: number;
  keys: (KeyRow & { key: string })[] | null;
  versions: FoundVersion[] | null;
  marked_unread: { user_id: string; after: string; record_id: string }[] | null;
  standings: (StandingRow & { topic: string; rev: number })[] | null;
  records: RecordRow[] | null;
  receipts: FoundReceipt[] | null;
  users: FoundUser[] | null;
  names: { username: string; user_id: string }[] | null;
  memberships: MembershipRow[] | null;
  revs: { at: number; rev: number | null }[] | null;
}

/** Reads what is wanted, and what follows from it, as of one moment. */
export async function readSnapshot(plans: pg.Pool, wanted: Wanted): Promise<SnapshotRows> {
  const lists = wanted.lists();
  const values = listNames.map((name) =>
    lists[name].map((value) => (typeof value === 'string' ? encodeText(value) : value)),
  );
  const query = { name: 'tidings_snapshot', text: snapshotQuery, values };
  const { rows } = await plans.query<{ answer: string }>(query);
  return decodeJson((rows[0] as { answer: string }).answer);
}
