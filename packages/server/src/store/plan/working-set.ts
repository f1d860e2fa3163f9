import type { Effects } from './effects.ts';
import type { KeyRow, Source } from './source.ts';
import { Undo } from './undo.ts';
import { WorkingRecords } from './working-records.ts';
import { WorkingUsers } from './working-users.ts';

/**
 * The rows that a batch touches, as it leaves them: what it has written so far, over what was there before. All that it has
 * written comes out as effects.
 */
export class WorkingSet {
  readonly #source: Source;
  readonly undo = new Undo();
  readonly records: WorkingRecords;
  readonly users: WorkingUsers;
  /** The newest rev that was given out. */
  head: number;

  readonly #keys = new Map<string, KeyRow & { at: number }>();
  readonly #outbox: Effects['outbox'] = [];

  constructor(source: Source) {
    this.#source = source;
    this.records = new WorkingRecords(source, this.undo);
    this.users = new WorkingUsers(source, this.undo);
    this.head = source.head;
  }

  /** True if the plan will do; else it only shows what is to be read. */
  get isComplete(): boolean {
    return this.#source.isComplete;
  }

  /** The rev that had been reached at a time, epoch milliseconds; 0 where that is not known. */
  revAt(at: number): number {
    return this.#source.revAt(at);
  }

  /** The lower of a rev and the head. */
  boundedByHead(rev: number): number {
    if (rev <= this.#source.head) return rev;
    this.#source.exactHead();
    return Math.min(rev, this.head);
  }

  key(key: string): KeyRow | undefined {
    return this.#keys.get(key) ?? this.#source.key(key);
  }

  useKey(key: string, row: KeyRow & { at: number }): void {
    this.undo.set(this.#keys, key, row);
  }

  leaveOutbox(id: number): void {
    this.undo.push(this.#outbox, { id });
  }

  effects(marks: Effects['marks']): Effects {
    return {
      ...this.records.effects(),
      ...this.users.effects(),
      keys: [...this.#keys].map(([key, row]) => ({ key, ...row })),
      outbox: this.#outbox,
      marks,
    };
  }
}
