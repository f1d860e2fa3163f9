import { type Kysely, sql } from 'kysely';
import { changeBytes, type PersonalRow } from './record-rows.ts';
import type { Schema } from './schema.ts';
import { number, type Param, statementCompiler, text } from './statement.ts';
import { membershipStart, topicParams } from './topic-statements.ts';

/** Members, events and states of rooms. */
export function roomStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  // Without a join of record_topics: PostgreSQL might begin there, with all that was ever retracted of the room.
  const columns = sql.raw(
    `r.rev, r.id, r.kind, r.topics, r.audience, r.body, r.alert_rev, r.expired, ${changeBytes} as bytes`,
  );
  // By an index that has only events which were not retracted.
  const eventsOf = (topics: Param<string>) => sql`r.kind = 'room_event' and r.topics = ${topics}`;
  const present = db.selectFrom('audiences as a').where('a.access', 'is not', null).where('a.left_rev', 'is', null);
  return {
    roomMembership: statement({ userId: text, topic: text }, (p) =>
      present.select(['a.access', 'a.rev']).where('a.user_id', '=', p.userId).where('a.topic', '=', p.topic),
    ),
    /** Members past one of them, in the order of ids. */
    roomMembers: statement({ topic: text, after: text, limit: number }, (p) =>
      present
        .leftJoin('users as u', 'u.user_id', 'a.user_id')
        .select(['a.user_id', 'u.username', 'a.access'])
        .where('a.topic', '=', p.topic)
        .where('a.user_id', '>', p.after)
        .orderBy('a.user_id')
        .limit(p.limit),
    ),
    /** Events before a rev, newest first, as one user sees them. @param topics of such a record, as stored */
    roomEvents: statement(
      { ...topicParams, topics: text, before: number, limit: number },
      (p) => sql<PersonalRow>`
      select ${columns}
      from records r where ${eventsOf(p.topics)} and r.rev < ${p.before} and r.rev > ${membershipStart(p)}
      order by r.rev desc limit ${p.limit}`,
    ),
    /** The records of the keys that have a value, as one user sees them, newest first. @param topics as of `roomEvents` */
    roomState: statement(
      { ...topicParams, topics: text, limit: number },
      (p) => sql<PersonalRow>`
      select ${columns} from records r
      where r.kind = 'room_state' and r.topics = ${p.topics} and r.rev > ${membershipStart(p)} order by r.rev desc limit ${p.limit}`,
    ),
    /** Events that were sent in the revs `after..upTo`, oldest first. */
    roomEventsBetween: statement({ after: number, upTo: number, limit: number }, (p) =>
      db
        .selectFrom('records')
        .select(['id', 'rev', 'topics'])
        .select(sql<number>`octet_length(topics)`.as('bytes'))
        .where('kind', '=', sql.lit('room_event'))
        .where('rev', '>', p.after)
        .where('rev', '<=', p.upTo)
        .orderBy('rev')
        .limit(p.limit),
    ),
    /** Events that are not among the `newest` of a room, newest first. */
    exceedingEvents: statement(
      { topics: text, newest: number, limit: number },
      (p) => sql<{ id: string; rev: number; topics: string }>`
      select r.id, r.rev, r.topics from records r where ${eventsOf(p.topics)}
      order by r.rev desc limit ${p.limit} offset ${p.newest}`,
    ),
    /** The next room that has records. */
    nextRoom: statement(
      { topic: text },
      (p) => sql<{ topic: string }>`
      select topic from record_topics where topic > ${p.topic} and topic < 'room;' order by topic limit 1`,
    ),
  };
}
