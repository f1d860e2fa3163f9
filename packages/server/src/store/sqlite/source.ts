import type Database from 'better-sqlite3';
import {
  type KeyRow,
  type MembershipRow,
  marksAtOnce,
  type ReceiptRow,
  type RecordRow,
  type Source,
  type StandingRow,
  type VersionRow,
  type WatermarkRow,
  waitingAtOnce,
} from '../plan/source.ts';
import type { Statement } from '../statement.ts';
import { valuesOf } from '../steps.ts';
import type { SourceStatements } from './source-statements.ts';

/** The rows that a plan is made from, read from the database as the plan asks for them. Nobody else writes meanwhile. */
export class SqliteSource implements Source {
  readonly #reads: Reads;
  head = 0;
  readonly isComplete = true;

  constructor(database: Database.Database, statements: SourceStatements) {
    this.#reads = prepare(database, statements);
  }

  exactHead(): void {}

  key = (key: string): KeyRow | undefined => this.#reads.key.get({ key });
  version = (id: string): VersionRow | undefined => this.#reads.version.get({ id });
  byExternalId = (topic: string, externalId: string, after: number, n: number): VersionRow | undefined =>
    this.#reads.byExternalId.get({ topic, externalId, after, n });
  linkedTo = (taskId: string): VersionRow[] => this.#reads.linkedTo.all({ taskId });
  roomState = (topics: string): VersionRow[] => this.#reads.roomState.all({ topics });
  collapsible = (collapse: string, n: number): VersionRow | undefined => this.#reads.collapsible.get({ collapse, n });
  versionsOnTopic = (topic: string): VersionRow[] => this.#reads.versionsOnTopic.all({ topic, limit: waitingAtOnce });
  record = ({ rev }: VersionRow): RecordRow | undefined => this.#reads.record.get({ rev });
  standing = ({ rev }: VersionRow, topic: string): StandingRow | undefined => this.#reads.standing.get({ topic, rev });
  receipt = (userId: string, recordId: string): ReceiptRow | undefined => this.#reads.receipt.get({ userId, recordId });
  markedUnread = (userId: string, after: string): string[] =>
    this.#reads.markedUnread.all({ userId, after, limit: marksAtOnce }).map((row) => row.record_id);
  watermark = (userId: string): WatermarkRow | undefined => this.#reads.user.get({ userId });
  rolesAt = (userId: string): number => this.#reads.user.get({ userId })?.roles_at ?? 0;
  username = (userId: string): string | null => this.#reads.user.get({ userId })?.username ?? null;
  userId = (username: string): string | undefined => this.#reads.userId.get({ username })?.user_id;
  memberships = (userId: string): MembershipRow[] => this.#reads.memberships.all({ userId });
  revAt = (at: number): number => this.#reads.revAt.get({ at })?.rev ?? 0;
}

/** A statement on this connection, run with its parameters by their names. */
interface Read<Params, Row> {
  get(params: Params): Row | undefined;
  all(params: Params): Row[];
}
type Reads = {
  [Name in keyof SourceStatements]: SourceStatements[Name] extends Statement<infer Params, infer Row>
    ? Read<Params, Row>
    : never;
};

function prepare(database: Database.Database, statements: SourceStatements): Reads {
  const read = (statement: SourceStatements[keyof SourceStatements]): Read<object, unknown> => {
    const prepared = database.prepare<unknown[], unknown>(statement.sql);
    return {
      get: (params) => prepared.get(...valuesOf(statement, params)),
      all: (params) => prepared.all(...valuesOf(statement, params)),
    };
  };
  return Object.fromEntries(Object.entries(statements).map(([name, one]) => [name, read(one)])) as unknown as Reads;
}
