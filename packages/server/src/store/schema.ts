import type { Generated } from 'kysely';

/** The tables, the same on every database. Times are epoch milliseconds, JSON is text. */
export interface Schema {
  sequence: SequenceTable;
  terms: TermTable;
  records: RecordTable;
  record_topics: RecordTopicTable;
  receipts: ReceiptTable;
  users: UserTable;
  idempotency: IdempotencyTable;
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
  at: number;
}

/** Who hears a record, at the record's present rev. */
interface RecordTopicTable {
  topic: string;
  rev: number;
  record_id: string;
  /** The rev at which it last asked for attention; 0 where it never does. */
  alert_rev: number;
}

/** What a user did with a notification; several changed at once share a rev. */
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
}

interface IdempotencyTable {
  key: string;
  hash: string;
  record_id: string;
  rev: number;
  at: number;
}
