import { type Kysely, sql } from 'kysely';

/** The task that a notification is linked to stands with the notification, no more with the task. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('records').addColumn('task_id', 'text').execute();
  await sql`create index records_task on records (task_id) where task_id is not null`.execute(db);
  for (let after = ''; ; ) {
    const { rows } = await sql<{ id: string; state: string }>`
      select id, state from records where kind = 'task' and state is not null and id > ${after} order by id limit 1000`.execute(
      db,
    );
    for (const { state } of rows) await linkNotifications(db, JSON.parse(state) as EarlierTask);
    const last = rows.at(-1);
    if (!last) return;
    after = last.id;
  }
}

/** A task as it was stored before: with the notifications that were linked to it. */
interface EarlierTask {
  task_id: string;
  living?: readonly string[];
}

async function linkNotifications(db: Kysely<unknown>, { task_id, living = [] }: EarlierTask): Promise<void> {
  for (const id of living)
    await sql`update records set task_id = ${task_id} where id = ${id} and kind = 'notification'`.execute(db);
}
