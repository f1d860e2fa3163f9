import type Database from 'better-sqlite3';
import type { InboxState } from '../../domain/inbox/receipts.ts';
import type { Change } from '../../domain/ports.ts';
import { countSteps, countsOf } from '../counts.ts';
import type { Row, Settled } from '../engine.ts';
import { isUnread } from '../rows.ts';
import { valuesOf } from '../statement.ts';
import { type Statements, statements } from '../statements.ts';
import type { Step } from '../steps.ts';
import type { CountRow } from '../unread-statements.ts';
import { sqliteCompiler } from './dialect.ts';
import { UnreadDeltas } from './unread-deltas.ts';

/** What the writes of one transaction share: where the sequence stands, what they have brought about, and the statements. */
export class Transaction {
  readonly #database: Database.Database;
  readonly #prepared = new Map<keyof Statements, Database.Statement>();
  readonly #statements = statements(sqliteCompiler());
  readonly deltas = new UnreadDeltas();
  /** The newest rev that was given out. */
  head: number;
  settled: Settled[] = [];
  produced: Change[] = [];

  constructor(database: Database.Database) {
    this.#database = database;
    this.head = Number((this.get('sequence') as Row).head);
  }

  /** Begins another, with nothing brought about yet. */
  begin(): void {
    this.settled = [];
    this.produced = [];
    this.deltas.clear();
  }

  // --- users

  isUnread(userId: string, id: string, standing: Row): boolean {
    if (Number(standing.alert_rev) === 0 || Number(standing.expired) === 1) return false;
    return isUnread(this.withReceipt(userId, id, standing), this.watermark(userId));
  }

  /** How a record stands, with the user's receipt. */
  withReceipt(userId: string, id: string, standing: Row): Row {
    const receipt = this.get('receipt', userId, id);
    if (!receipt) return standing;
    return { ...receipt, asked_rev: receipt.alert_rev as number, ...standing };
  }

  watermark(userId: string): number {
    return Number(this.get('user', userId)?.read_upto ?? 0);
  }

  /** How a user's inbox stands, with all that this transaction has changed of it. */
  inboxState(userId: string): InboxState {
    this.writeCounts();
    const found = countSteps(userId).map((step) => this.either(step));
    return { counts: countsOf(found as unknown as CountRow[][]), asOf: this.head, readUpto: this.watermark(userId) };
  }

  writeCounts(): void {
    this.deltas.take((userId, category, by) => this.run('addToCount', userId, category, by));
  }

  // --- statements

  #statement(name: keyof Statements): Database.Statement {
    let statement = this.#prepared.get(name);
    if (!statement) {
      statement = this.#database.prepare(this.#statements[name].sql);
      this.#prepared.set(name, statement);
    }
    return statement;
  }

  /** Runs a statement, and gives the rows of one that brings any. */
  either({ name, params }: Step): Row[] {
    const statement = this.#statement(name);
    const values = valuesOf(this.#statements[name], params);
    if (statement.reader) return statement.all(...values) as Row[];
    statement.run(...values);
    return [];
  }

  run = (name: keyof Statements, ...params: unknown[]) => this.#statement(name).run(...params);
  get = (name: keyof Statements, ...params: unknown[]) => this.#statement(name).get(...params) as Row | undefined;
  all = (name: keyof Statements, ...params: unknown[]) => this.#statement(name).all(...params) as Row[];
}
