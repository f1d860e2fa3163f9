import { type Kysely, sql } from 'kysely';

/** Durable consumers and their deliveries in place of callbacks, which were stored with what caused them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('consumers')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('cursor', 'bigint', (c) => c.notNull())
    .addColumn('token', 'bigint', (c) => c.notNull())
    .addColumn('lease_until', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('deliveries')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await sql`create index deliveries_due on deliveries (channel, due_at)`.execute(db);
  // Answers up to now have their callbacks.
  await sql`insert into consumers (name, cursor, token, lease_until) select 'webhooks', head, 0, 0 from sequence`.execute(
    db,
  );
  await moveCallbacks(db);
  await sql`drop table callbacks`.execute(db);
}

async function moveCallbacks(db: Kysely<unknown>): Promise<void> {
  type Callback = { id: string; url: string; body: string; attempts: number; due_at: number; at: number };
  const { rows } = await sql<Callback>`select id, url, body, attempts, due_at, at from callbacks`.execute(db);
  for (const { id, url, body, attempts, due_at, at } of rows) {
    await sql`insert into deliveries (id, channel, target, body, attempts, due_at, at)
      values (${id}, 'webhooks', ${url}, ${withRev(id, body)}, ${attempts}, ${due_at}, ${at})`.execute(db);
  }
}

/** The rev of the answer was the end of its callback's id, and is in the body of a delivery. */
function withRev(id: string, body: string): string {
  const { data, ...event } = JSON.parse(body) as { data: object };
  return JSON.stringify({ ...event, data: { ...data, rev: Number(id.split(':').at(-1)) } });
}
