import { expired, released } from '../domain/inbox/lifecycle.ts';
import { retractedRecord } from '../domain/room-events.ts';
import type { CommitStore } from '../domain/store/commits.ts';
import type { StoredRecord } from '../domain/store/records.ts';
import type { DueItemStore, DueItems } from '../domain/store/schedule.ts';
import type { UserStore } from '../domain/store/users.ts';
import { inboxTopics } from '../domain/topics.ts';
import type { Write } from '../domain/writes.ts';
import { commitInParts } from './parts.ts';

/** The most due items that are read at a time; the rest follows at once. */
const atOnce = 100;

/**
 * Does what is due: releases what was scheduled, brings back what was snoozed, ends what has expired, removes keys of rooms whose time is
 * over. Time changes nothing by itself: each of these is a change that is stored if the record is still as it was read, so that any node may do it.
 */
export class DueJobs {
  readonly #store: DueItemStore & CommitStore & UserStore;

  constructor(store: DueItemStore & CommitStore & UserStore) {
    this.#store = store;
  }

  /** Resolves when nothing is due any more. */
  async run(): Promise<void> {
    for (let full = true; full; ) {
      const due = await this.#store.dueItems(atOnce);
      full = due.full;
      const commits = [this.#records(due), ...(await this.#returns(due))];
      await Promise.all(commits.map((writes) => commitInParts(this.#store, writes)));
    }
  }

  #records({ records, now }: DueItems): Write[] {
    return records.map((record) => dueVersion(record, now));
  }

  /** By user. Each comes back at a rev of its own, which is its place in the list. */
  async #returns({ snoozed, now }: DueItems): Promise<Write[][]> {
    const byUser = Map.groupBy(snoozed, ({ userId }) => userId);
    const writes = [...byUser].map(async ([userId, items]): Promise<Write[]> => {
      const roles = (await this.#store.user(userId))?.roles ?? [];
      const where = { userId, topics: inboxTopics({ id: userId, roles }), upTo: null, until: null, at: now };
      return items.map(({ recordId }) => ({ op: 'receipt', ...where, ids: [recordId], mark: 'return' }));
    });
    return Promise.all(writes);
  }
}

/** The version of a record that its due time brings. */
function dueVersion(record: StoredRecord, now: number): Write {
  if (record.kind === 'room_state') return retractedRecord(record, now);
  return record.status === 'scheduled' ? released(record, now) : expired(record, now);
}
