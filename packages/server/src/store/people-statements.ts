import { type Kysely, sql } from 'kysely';
import { number, text } from './place-holders.ts';
import type { Schema } from './schema.ts';

/** When a record last asked the user of a receipt for attention; who got a name later was asked later. */
const asked = sql.raw(`coalesce(
  (select o.alert_rev from record_topics o where o.topic = 'user:' || c.user_id and o.rev = r.rev), r.alert_rev)`);

/** Users, their names, and what they did with notifications. */
export function peopleStatements(db: Kysely<Schema>) {
  const receipt = [
    ...(['user_id', 'record_id', 'rev', 'seen_at', 'read_at', 'read_rev', 'archived_at', 'snoozed_until'] as const),
    ...(['alert_rev', 'marked_unread'] as const),
  ] as const;
  const receipts = db.selectFrom('receipts').select(receipt);
  const told = sql`
    select c.user_id, c.record_id, c.rev, c.seen_at, c.read_at, c.read_rev, c.archived_at, c.snoozed_until,
      c.alert_rev as asked_rev, c.marked_unread, ${asked} as alert_rev, r.rev as record_rev, u.read_upto, u.read_upto_at,
      case when c.alert_rev > 0 and c.archived_at is null and c.snoozed_until is null and (
        exists (select 1 from record_topics t where t.topic = 'user:' || c.user_id and t.rev = r.rev and t.alert_rev > 0)
        or exists (select 1 from audiences a join record_topics t on t.topic = a.topic and t.rev = r.rev
          where a.user_id = c.user_id and a.left_rev is null and t.alert_rev > a.since)) then r.body end as body
    from receipts c left join records r on r.id = c.record_id left join users u on u.user_id = c.user_id`;
  const kept = { seen_at: number, read_at: number, archived_at: number, snoozed_until: number } as const;
  return {
    /** user_id, record_id, rev, seen_at, read_at, archived_at, snoozed_until, read_rev, alert_rev, marked_unread */
    setReceipt: db
      .insertInto('receipts')
      .values({
        ...{ user_id: text, record_id: text, rev: number, ...kept },
        ...{ read_rev: number, alert_rev: number, marked_unread: number },
      })
      .onConflict((c) =>
        c.columns(['user_id', 'record_id']).doUpdateSet((e) => ({
          ...{ rev: e.ref('excluded.rev'), seen_at: e.ref('excluded.seen_at'), read_at: e.ref('excluded.read_at') },
          ...{ archived_at: e.ref('excluded.archived_at'), snoozed_until: e.ref('excluded.snoozed_until') },
          ...{ read_rev: e.ref('excluded.read_rev'), alert_rev: e.ref('excluded.alert_rev') },
          marked_unread: e.ref('excluded.marked_unread'),
        })),
      )
      .compile().sql,
    /** user_id, record_id */
    receipt: receipts.where('user_id', '=', text).where('record_id', '=', text).compile().sql,
    /** record_id: a notification that asks again is neither put away nor snoozed */
    bringBack: db
      .updateTable('receipts')
      .set({ archived_at: sql`null`, snoozed_until: sql`null`, marked_unread: sql.lit(0) })
      .where('record_id', '=', text)
      .compile().sql,
    /** user_id, record_id */
    endSnooze: db
      .updateTable('receipts')
      .set({ snoozed_until: sql`null` })
      .where('user_id', '=', text)
      .where('record_id', '=', text)
      .compile().sql,
    /** record_id */
    forgetReceipts: db.deleteFrom('receipts').where('record_id', '=', text).compile().sql,
    /** rev, user_id, user_id, up_to, limit: what was marked as unread up to a rev is read with the rest; that changes its receipt */
    unmark: sql`update receipts set marked_unread = 0, rev = ${number} where user_id = ${text} and record_id in (
        select c.record_id from receipts c join records r on r.id = c.record_id
        where c.user_id = ${text} and c.marked_unread = 1 and ${asked} <= ${number} limit ${number})`.compile(db).sql,
    /** user_id, after, limit: with what is needed to say whether each is read */
    receiptsAfter: sql`${told} where c.user_id = ${text} and c.rev > ${number} order by c.rev limit ${number}`.compile(
      db,
    ).sql,
    /** from, to */
    receiptsRange: sql`${told} where c.rev >= ${number} and c.rev <= ${number} order by c.rev`.compile(db).sql,
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
      .select([
        'user_id',
        'username',
        'read_upto',
        'read_upto_at',
        'read_upto_rev',
        'delivered_upto',
        'roles',
        'roles_at',
      ])
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
    /** user_id, roles, roles_at */
    setRoles: db
      .insertInto('users')
      .values({ user_id: text, roles: text, roles_at: number })
      .onConflict((c) =>
        c
          .column('user_id')
          .doUpdateSet({ roles: (e) => e.ref('excluded.roles'), roles_at: (e) => e.ref('excluded.roles_at') }),
      )
      .compile().sql,
    /** user_id: every shared topic the user hears or has heard */
    audiences: db
      .selectFrom('audiences')
      .select(['user_id', 'topic', 'rev', 'since', 'left_rev', 'left_at'])
      .where('user_id', '=', text)
      .compile().sql,
    /** from, to */
    audiencesRange: db
      .selectFrom('audiences')
      .select(['user_id', 'topic', 'rev', 'left_rev'])
      .where('rev', '>=', number)
      .where('rev', '<=', number)
      .orderBy('rev')
      .compile().sql,
    /** user_id, topic, rev, since, left_rev, left_at */
    setAudience: db
      .insertInto('audiences')
      .values({ user_id: text, topic: text, rev: number, since: number, left_rev: number, left_at: number })
      .onConflict((c) =>
        c.columns(['user_id', 'topic']).doUpdateSet((e) => ({
          ...{ rev: e.ref('excluded.rev'), since: e.ref('excluded.since') },
          ...{ left_rev: e.ref('excluded.left_rev'), left_at: e.ref('excluded.left_at') },
        })),
      )
      .compile().sql,
    /** user_id: unread on the user's own topic */
    ownCounts: db.selectFrom('unread_counts').select(['category', 'unread as n']).where('user_id', '=', text).compile()
      .sql,
    /** user_id, category, by */
    addToCount: sql`insert into unread_counts (user_id, category, unread) values (${text}, ${text}, ${number})
      on conflict (user_id, category) do update set unread = unread_counts.unread + excluded.unread`.compile(db).sql,
    /** user_id */
    clearCounts: db.deleteFrom('unread_counts').where('user_id', '=', text).compile().sql,
    /** rev, user_id, rev */
    setDelivered: db
      .updateTable('users')
      .set({ delivered_upto: number })
      .where('user_id', '=', text)
      .where('delivered_upto', '<', number)
      .compile().sql,
  };
}
