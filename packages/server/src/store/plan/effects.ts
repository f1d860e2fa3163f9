import { revsOfBucket } from '../schema.ts';
import {
  type IdempotencyRow,
  type MembershipRow,
  type ReceiptRow,
  type RecordRow,
  type TopicRow,
  topicsOf,
} from './source.ts';

/** The type of a column. A `rev` above the head that a plan was made at is relative to it; `json` and `topics` are text. */
export type ColumnType = 'text' | 'json' | 'topics' | 'bigint' | 'smallint' | 'rev';

/** One kind of change to a table: the columns it takes, and its SQL for rows `x` that have them. */
export interface EffectKind {
  columns: Readonly<Record<string, ColumnType>>;
  table: string;
  /** `insert` says what goes into each column, and its `where` may end in a `group by`; `delete` and `update` change the rows of the same key. */
  write:
    | { insert: Readonly<Record<string, string>>; where?: string; onConflict?: string }
    | { delete: readonly string[] }
    | { update: string; key: readonly string[] };
}

/** Everything a batch can change, a row for each change, in the order in which it is applied. */
export interface Effects {
  removedVersions: { rev: number }[];
  removedTopics: { topic: string; rev: number }[];
  records: RecordRow[];
  topics: TopicRow[];
  keys: IdempotencyRow[];
  /** Records that ask again: no receipt of theirs says that they are put away, snoozed or marked as unread. */
  renewed: { record_id: string }[];
  receipts: ReceiptRow[];
  freedNames: { username: string }[];
  names: { user_id: string; username: string | null }[];
  watermarks: { user_id: string; read_upto: number; read_upto_at: number; read_upto_rev: number }[];
  roles: { user_id: string; roles: string; roles_at: number }[];
  memberships: MembershipRow[];
  outbox: { id: number }[];
  /** The changes of unread counts, one row for each user and category. */
  counts: { user_id: string; category: string; unread: number }[];
  /** The changes of what shared topics have, by the rev at which it asks for attention. */
  topicCounts: { topic: string; category: string; alert_rev: number; n: number }[];
  /** The head of the sequence at a time, unless there is a mark since `after`. */
  marks: { at: number; rev: number; after: number }[];
}

/** The effects of removing versions from all their topics. */
export const removalOf = (
  versions: readonly { rev: number; topics: string }[],
): Pick<Effects, 'removedVersions' | 'removedTopics'> => ({
  removedVersions: versions.map(({ rev }) => ({ rev })),
  removedTopics: versions.flatMap(({ rev, topics }) => topicsOf(topics).map((topic) => ({ topic, rev }))),
});

const own = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, `x.${name}`]));

const insert = (table: string, columns: Record<string, ColumnType>, onConflict?: string): EffectKind => ({
  ...{ table, columns },
  write: { insert: own(...Object.keys(columns)), ...(onConflict === undefined ? {} : { onConflict }) },
});

/** Inserts a row, or overwrites the one of the same key. */
function upsert(table: string, key: readonly string[], columns: Record<string, ColumnType>): EffectKind {
  const others = Object.keys(columns).filter((name) => !key.includes(name));
  const set = others.map((name) => `${name} = excluded.${name}`);
  return insert(table, columns, `(${key.join()}) do update set ${set.join()}`);
}

const remove = (table: string, columns: Record<string, ColumnType>): EffectKind => ({
  ...{ table, columns },
  write: { delete: Object.keys(columns) },
});

const update = (table: string, columns: Record<string, ColumnType>, set: string): EffectKind => ({
  ...{ table, columns },
  write: { update: set, key: Object.keys(columns) },
});

/** The table and the columns of each change, for either database. The order is that of `Effects`. */
export const effectKinds: Readonly<Record<keyof Effects, EffectKind>> = {
  removedVersions: remove('records', { rev: 'bigint' }),
  removedTopics: remove('record_topics', { topic: 'text', rev: 'bigint' }),
  records: insert('records', {
    ...{ rev: 'rev', id: 'text', kind: 'text', topics: 'topics', audience: 'json', body: 'json', state: 'json' },
    ...{
      owner: 'text',
      status: 'text',
      external_id: 'text',
      task_id: 'text',
      at: 'bigint',
      type: 'text',
      search: 'text',
    },
    ...{ collapse: 'text', due_at: 'bigint', category: 'text', alert_rev: 'rev', expired: 'smallint' },
  }),
  topics: insert('record_topics', {
    ...{ topic: 'text', rev: 'rev', record_id: 'text', alert_rev: 'rev', category: 'text', expired: 'smallint' },
    external_id: 'text',
  }),
  keys: insert('idempotency', { key: 'text', hash: 'text', record_id: 'text', rev: 'rev', at: 'bigint' }),
  renewed: update('receipts', { record_id: 'text' }, 'archived_at = null, snoozed_until = null, marked_unread = 0'),
  receipts: upsert('receipts', ['user_id', 'record_id'], {
    ...{ user_id: 'text', record_id: 'text', rev: 'rev', seen_at: 'bigint', read_at: 'bigint', read_rev: 'rev' },
    ...{ archived_at: 'bigint', snoozed_until: 'bigint', alert_rev: 'rev', marked_unread: 'smallint' },
    shared_rev: 'rev',
  }),
  freedNames: update('users', { username: 'text' }, 'username = null'),
  names: upsert('users', ['user_id'], { user_id: 'text', username: 'text' }),
  watermarks: upsert('users', ['user_id'], {
    ...{ user_id: 'text', read_upto: 'rev', read_upto_at: 'bigint', read_upto_rev: 'rev' },
  }),
  roles: upsert('users', ['user_id'], { user_id: 'text', roles: 'json', roles_at: 'bigint' }),
  memberships: upsert('audiences', ['user_id', 'topic'], {
    ...{ user_id: 'text', topic: 'text', rev: 'rev', since: 'rev', left_rev: 'rev', left_at: 'bigint' },
    access: 'text',
  }),
  outbox: remove('tidings_outbox', { id: 'bigint' }),
  counts: insert(
    'unread_counts',
    { user_id: 'text', category: 'text', unread: 'bigint' },
    '(user_id, category) do update set unread = unread_counts.unread + excluded.unread',
  ),
  topicCounts: {
    table: 'topic_counts',
    columns: { topic: 'text', category: 'text', alert_rev: 'rev', n: 'bigint' },
    write: {
      insert: { ...own('topic', 'category'), bucket: `cast(x.alert_rev as bigint) / ${revsOfBucket}`, n: 'sum(x.n)' },
      where: `true group by x.topic, x.category, cast(x.alert_rev as bigint) / ${revsOfBucket}`,
      onConflict: '(topic, bucket, category) do update set n = topic_counts.n + excluded.n',
    },
  },
  marks: {
    table: 'marks',
    columns: { at: 'bigint', rev: 'rev', after: 'bigint' },
    write: {
      insert: own('at', 'rev'),
      where: 'not exists (select 1 from marks m where m.at > x.after)',
      onConflict: 'do nothing',
    },
  },
};
