import type { Generated } from 'kysely';

/** The revs whose notifications on a shared topic are counted together. A count reads what is in one such part, and the counts of all later ones. */
export const revsOfBucket = 2_048;

/** The tables, the same on every database. Times are epoch milliseconds, JSON is text. */
export interface Schema {
  sequence: SequenceTable;
  terms: TermTable;
  records: RecordTable;
  record_topics: RecordTopicTable;
  receipts: ReceiptTable;
  users: UserTable;
  idempotency: IdempotencyTable;
  audiences: MembershipTable;
  unread_counts: UnreadCountTable;
  topic_counts: TopicCountTable;
  marks: MarkTable;
  consumers: ConsumerTable;
  deliveries: DeliveryTable;
  revocations: RevocationTable;
  runners: RunnerTable;
  task_permits: TaskPermitTable;
  document_updates: DocumentUpdateTable;
  document_versions: DocumentVersionTable;
  document_deletions: DocumentDeletionTable;
  task_log: TaskLogTable;
  presence_nodes: PresenceNodeTable;
  presence_rooms: PresenceRoomTable;
  presence_sessions: PresenceSessionTable;
  incidents: IncidentTable;
}

/** One row: where the one sequence stands. */
interface SequenceTable {
  id: Generated<number>;
  head: number;
  floor: number;
}

/** A stretch of the sequence's history: from `from_rev` on, until the next term begins. */
interface TermTable {
  ordinal: Generated<number>;
  term: string;
  from_rev: number;
}

/** A record as it is now; a change gives it a new rev, which is its key: the table is in commit order. */
interface RecordTable {
  rev: number;
  id: string;
  kind: string;
  topics: string;
  audience: string | null;
  body: string;
  state: string | null;
  owner: string | null;
  status: string | null;
  external_id: string | null;
  /** The task that a notification is linked to. */
  task_id: string | null;
  /** When it was published; of a retraction, when that was. */
  at: number;
  type: string | null;
  search: string | null;
  collapse: string | null;
  due_at: number | null;
  category: string;
  /** The newest of its topics'. */
  alert_rev: number;
  expired: number;
}

/** The topics that receive a record, at the record's present rev. */
interface RecordTopicTable {
  topic: string;
  rev: number;
  record_id: string;
  /** The rev at which it last asked for attention; 0 where it never does. */
  alert_rev: number;
  category: string;
  expired: number;
  external_id: string | null;
}

/** The marks of a user on a notification; several changed at once share a rev. */
interface ReceiptTable {
  user_id: string;
  record_id: string;
  rev: number;
  seen_at: number | null;
  read_at: number | null;
  /** The rev up to which it counts as read. */
  read_rev: number;
  archived_at: number | null;
  snoozed_until: number | null;
  /** The rev at which its snooze ended and it asked again; 0 where that was never so. */
  alert_rev: number;
  /** 1 where the user marked it as unread, whatever was read before. */
  marked_unread: number;
  /** The `alert_rev` of the notification when it was marked, where it is on a shared topic; else 0. */
  shared_rev: number;
}

interface UserTable {
  user_id: string;
  /** Unique; null after the name went to another user. */
  username: string | null;
  /** Everything that asked for attention up to this rev counts as read. */
  read_upto: Generated<number>;
  read_upto_at: number | null;
  /** The rev of the change that set `read_upto`. */
  read_upto_rev: Generated<number>;
  /** Personal records up to this rev were written to a session of the user. */
  delivered_upto: Generated<number>;
  /** JSON, as the newest evidence has them, which was issued at `roles_at`. */
  roles: string | null;
  roles_at: Generated<number>;
}

/** Membership of a user in a shared topic, or in a room. */
interface MembershipTable {
  user_id: string;
  topic: string;
  /** The rev of the newest change of this. */
  rev: number;
  /** The rev at which the membership starts: notifications that asked for attention up to it are not shown. */
  since: number;
  /** Null while the user is a member. */
  left_rev: number | null;
  left_at: number | null;
  /** The right in a room, `r` or `rw`, the last one where it has ended; null where the topic is no room's. */
  access: string | null;
}

/** Unread notifications on the user's own topic, kept by the transactions that change them; shared ones are counted when asked for. */
interface UnreadCountTable {
  user_id: string;
  category: string;
  unread: number;
}

/** Notifications on a shared topic that ask for attention, by the rev at which they do so: `bucket` is that rev divided by `revsOfBucket`. */
interface TopicCountTable {
  topic: string;
  category: string;
  bucket: number;
  n: number;
}

/** The head of the sequence at some moments, one a minute: turns an age into a rev. */
interface MarkTable {
  at: number;
  rev: number;
}

/** A cursor over the sequence of whatever turns changes into deliveries. */
interface ConsumerTable {
  name: string;
  cursor: number;
  /** Grows with each lease. */
  token: number;
  /** Epoch milliseconds by the database's clock. */
  lease_until: number;
}

/** A message that has not arrived yet. */
interface DeliveryTable {
  id: string;
  channel: string;
  target: string;
  receiver: string;
  body: string;
  attempts: number;
  due_at: number;
  at: number;
}

/** A limited number of tasks of a name and a key run at a time: each has a number below that. */
interface TaskPermitTable {
  name: string;
  key: string;
  number: number;
  token: string;
  runner: string;
}

/** A process that runs tasks. */
interface RunnerTable {
  name: string;
  /** Epoch milliseconds by the database's clock. */
  lease_until: number;
}

/** An update of a shared document, or the state that all up to it were merged into. */
interface DocumentUpdateTable {
  /** The name of its room. */
  document: string;
  /** Counts the updates of the document, in commit order. */
  seq: number;
  /** Base64. */
  body: string;
  /** The size before it became base64. */
  bytes: number;
  at: number;
}

/** A version of a shared document. */
interface DocumentVersionTable {
  id: string;
  document: string;
  /** The number of the update by which the document was deleted last before; 0 if it never was. */
  deletion: number;
  kind: 'named' | 'before_restore';
  name: string;
  at: number;
  /** Null for a back end. */
  user_id: string | null;
  username: string | null;
  /** The idempotency key with its scope. */
  once: string | null;
  /** The state as one update, base64. */
  body: string;
  /** The size of the state. */
  bytes: number;
}

/** The last deletion of a shared document that was deleted. */
interface DocumentDeletionTable {
  document: string;
  /** The number of the update that stands for it: an empty one. */
  seq: number;
  /** The state vector of all that was deleted, base64. */
  vector: string;
  at: number;
}

/** Entries of the log of a task that were stored together. */
interface TaskLogTable {
  task: string;
  /** The number of its last entry. */
  seq: number;
  first_seq: number;
  attempt: number;
  /** The entries, JSON. */
  body: string;
  /** The size for which it counts; of one that stands for removed blocks, theirs. */
  bytes: number;
  /** The size of the log from its beginning up to here, with all that was removed. */
  total: number;
  /** 1 where it stands for blocks that were removed. */
  dropped: number;
  at: number;
  /** The idempotency key with its scope. */
  once: string | null;
}

interface PresenceNodeTable {
  node: string;
  /** Epoch milliseconds by the database's clock. */
  lease_until: number;
  /** The number of the node's last write. */
  write_number: number;
}

/** A room in which a node has sessions. */
interface PresenceRoomTable {
  topic: string;
  node: string;
  /** The number of the node's message up to which all of its sessions there are stored. */
  seq: number;
}

interface PresenceSessionTable {
  topic: string;
  node: string;
  key: string;
  session: string;
}

/** An incident of a node, which may have ended long ago. */
interface IncidentTable {
  /** Counts them in the order in which they were first written. */
  ordinal: number;
  id: string;
  node: string;
  component: string;
  state: string;
  reasons: string;
  started_at: number;
  /** The time until which it is known to have gone on. */
  seen_at: number;
  ended_at: number | null;
  ended_by: string | null;
}

interface RevocationTable {
  ordinal: number;
  kind: string;
  value: string;
  reason: string;
  at: number;
}

interface IdempotencyTable {
  key: string;
  hash: string;
  record_id: string;
  rev: number;
  at: number;
}
