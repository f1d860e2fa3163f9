import Database from 'better-sqlite3';
import type { Store } from '../src/domain/ports.ts';
import type { WhenFinished } from './store-fixture.ts';
import { sqliteStore, TempFolder } from './temp-store.ts';

/** Stores something, gives its database an older schema, and opens it as the next version does. */
export async function migrated(
  whenFinished: WhenFinished,
  fill: (store: Store) => Promise<unknown>,
  makeOlder: (database: Database.Database) => void,
): Promise<Store> {
  const folder = new TempFolder();
  whenFinished(async () => folder.remove());
  const before = sqliteStore(folder.file());
  await before.open();
  await fill(before);
  await before.close();
  const database = new Database(folder.file());
  makeOlder(database);
  database.close();
  const after = sqliteStore(folder.file());
  await after.open();
  whenFinished(() => after.close());
  return after;
}

/** Gives a database of today the schema from before migration 11. */
export function beforeRooms(database: Database.Database): void {
  database.exec(`
    delete from kysely_migration where name >= '0011';
    drop table task_log;
    drop table task_permits;
    drop table document_updates;
    drop table document_versions;
    drop table document_deletions;
    drop table presence_nodes;
    drop table presence_rooms;
    drop table presence_sessions;
    drop table incidents;
    drop index if exists records_of_room_state;
    drop index records_of_room_events;
    drop index records_of_rooms;
    drop index audiences_of_rooms;
    alter table audiences drop column access`);
}

/** The same from before migration 10. */
export function beforeBounds(database: Database.Database): void {
  beforeRooms(database);
  database.exec(`
    delete from kysely_migration where name >= '0010';
    drop index topics_by_external_id;
    alter table record_topics drop column external_id;
    create index records_by_external_id on records (external_id) where external_id is not null;
    drop table topic_counts;
    drop index receipts_shared;
    drop index receipts_shared_asking;
    drop index receipts_marked_unread;
    alter table receipts drop column shared_rev`);
}

/** The same from before migration 9. */
function beforeReceivers(database: Database.Database): void {
  beforeBounds(database);
  database.exec(`
    delete from kysely_migration where name >= '0009';
    drop index deliveries_due;
    alter table deliveries drop column receiver;
    create index deliveries_due on deliveries (channel, due_at)`);
}

/** The same from before migration 8. */
export function beforeLinks(database: Database.Database): void {
  beforeReceivers(database);
  database.exec(`
    delete from kysely_migration where name >= '0008';
    drop index records_task;
    alter table records drop column task_id`);
}

/** The same from before migration 6, with the callbacks that were yet to be posted. */
export function beforeDeliveries(database: Database.Database): void {
  beforeLinks(database);
  database.exec(`
    delete from kysely_migration where name >= '0006';
    drop table runners;
    drop table consumers;
    drop table deliveries;
    create table callbacks (id text primary key, url text not null, body text not null, attempts integer not null,
      due_at bigint not null, at bigint not null);
    create index callbacks_due on callbacks (due_at)`);
}
