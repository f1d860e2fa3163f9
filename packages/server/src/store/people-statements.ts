import { type Kysely, sql } from 'kysely';
import { number, text } from './place-holders.ts';
import type { Schema } from './schema.ts';

/** Users, their names, and what they did with notifications. */
export function peopleStatements(db: Kysely<Schema>) {
  const receipt = [
    'user_id',
    'record_id',
    'rev',
    'seen_at',
    'read_at',
    'read_rev',
    'archived_at',
    'snoozed_until',
  ] as const;
  return {
    /** user_id, record_id, rev, seen_at: seen, once */
    markSeen: db
      .insertInto('receipts')
      .values({ user_id: text, record_id: text, rev: number, seen_at: number, read_rev: sql`0` })
      .onConflict((c) =>
        c.columns(['user_id', 'record_id']).doUpdateSet({
          rev: (e) => e.ref('excluded.rev'),
          seen_at: sql`coalesce(receipts.seen_at, excluded.seen_at)`,
        }),
      )
      .compile().sql,
    /** user_id, record_id, rev, seen_at, read_at, read_rev: read, and so seen */
    markRead: db
      .insertInto('receipts')
      .values({ user_id: text, record_id: text, rev: number, seen_at: number, read_at: number, read_rev: number })
      .onConflict((c) =>
        c.columns(['user_id', 'record_id']).doUpdateSet({
          rev: (e) => e.ref('excluded.rev'),
          seen_at: sql`coalesce(receipts.seen_at, excluded.seen_at)`,
          read_at: (e) => e.ref('excluded.read_at'),
          read_rev: (e) => e.ref('excluded.read_rev'),
        }),
      )
      .compile().sql,
    /** user_id, record_id */
    receipt: db
      .selectFrom('receipts')
      .select(receipt)
      .where('user_id', '=', text)
      .where('record_id', '=', text)
      .compile().sql,
    /** user_id, after, limit */
    receiptsAfter: db
      .selectFrom('receipts')
      .select(receipt)
      .where('user_id', '=', text)
      .where('rev', '>', number)
      .orderBy('rev')
      .limit(1)
      .compile().sql,
    /** from, to */
    receiptsRange: db
      .selectFrom('receipts')
      .select(receipt)
      .where('rev', '>=', number)
      .where('rev', '<=', number)
      .orderBy('rev')
      .compile().sql,
    /** from, to: users whose watermark moved */
    watermarksRange: db
      .selectFrom('users')
      .select(['user_id', 'read_upto', 'read_upto_rev', 'read_upto_at'])
      .where('read_upto_rev', '>', sql<number>`0`)
      .where('read_upto_rev', '>=', number)
      .where('read_upto_rev', '<=', number)
      .compile().sql,
    /** user_id */
    user: db
      .selectFrom('users')
      .select(['user_id', 'username', 'read_upto', 'read_upto_at', 'read_upto_rev', 'delivered_upto'])
      .where('user_id', '=', text)
      .compile().sql,
    /** username */
    userByName: db.selectFrom('users').select(['user_id']).where('username', '=', text).compile().sql,
    /** user_id, username */
    nameUser: db
      .insertInto('users')
      .values({ user_id: text, username: text })
      .onConflict((c) => c.column('user_id').doUpdateSet({ username: (e) => e.ref('excluded.username') }))
      .compile().sql,
    /** username */
    unnameUser: db.updateTable('users').set({ username: sql`null` }).where('username', '=', text).compile().sql,
    /** user_id, read_upto, read_upto_at, read_upto_rev */
    setReadUpto: db
      .insertInto('users')
      .values({ user_id: text, read_upto: number, read_upto_at: number, read_upto_rev: number })
      .onConflict((c) =>
        c.column('user_id').doUpdateSet({
          read_upto: (e) => e.ref('excluded.read_upto'),
          read_upto_at: (e) => e.ref('excluded.read_upto_at'),
          read_upto_rev: (e) => e.ref('excluded.read_upto_rev'),
        }),
      )
      .compile().sql,
    /** rev, user_id, rev */
    setDelivered: db
      .updateTable('users')
      .set({ delivered_upto: number })
      .where('user_id', '=', text)
      .where('delivered_upto', '<', number)
      .compile().sql,
  };
}
