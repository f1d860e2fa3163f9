import { type Kysely, sql } from 'kysely';
import { isSqlite } from './migrations/missing-parts.ts';
import type { Schema } from './schema.ts';
import { number, type Param, statementCompiler, text } from './statement.ts';

/** The longest lease, ms. One that ends later was given before the database's clock was set back, and counts no more. */
const longestLease = 60_000;

/** Sessions in rooms, and the leases of the nodes that have them. Lists are JSON. A node's rows are changed by its last write alone. */
export function presenceStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  const isFile = isSqlite(db as unknown as Kysely<unknown>);
  /** The rows of a JSON array, as `x.value`. */
  const each = (list: Param<string>) =>
    isFile ? sql`json_each(${list}) x` : sql`json_array_elements(${list}::json) x (value)`;
  const eachText = (list: Param<string>) =>
    isFile ? sql`json_each(${list}) x` : sql`json_array_elements_text(${list}::json) x (value)`;
  const longest = sql.lit(longestLease);
  const whole = (index: number) => sql.raw(isFile ? `x.value ->> ${index}` : `(x.value ->> ${index})::bigint`);
  const isLive = (now: Param<number>) => sql`lease_until > ${now} and lease_until - ${longest} <= ${now}`;
  const live = (now: Param<number>) => sql`(select node from presence_nodes where ${isLive(now)})`;
  const own = { node: text, number };
  const isLast = (p: { node: Param<string>; number: Param<number> }) =>
    sql<boolean>`exists (select 1 from presence_nodes where node = ${p.node} and write_number = ${p.number})`;
  return {
    setPresenceNode: statement(
      { ...own, until: number },
      (p) => sql<{ node: string }>`
      insert into presence_nodes (node, lease_until, write_number) values (${p.node}, ${p.until}, ${p.number})
      on conflict (node) do update set lease_until = excluded.lease_until, write_number = excluded.write_number
        where presence_nodes.write_number < excluded.write_number
      returning node`,
    ),
    extendPresenceNode: statement({ ...own, until: number, after: number }, (p) =>
      db
        .updateTable('presence_nodes')
        .set({ lease_until: p.until, write_number: p.number })
        .where('node', '=', p.node)
        .where('write_number', '=', p.after)
        .returning('node'),
    ),
    forgetPresenceRooms: statement(own, (p) =>
      db.deleteFrom('presence_rooms').where('node', '=', p.node).where(isLast(p)),
    ),
    forgetPresence: statement(own, (p) =>
      db.deleteFrom('presence_sessions').where('node', '=', p.node).where(isLast(p)),
    ),
    livePresenceNodes: statement(
      { now: number },
      (p) => sql<{ node: string }>`select node from presence_nodes where ${isLive(p.now)}`,
    ),
    putPresence: statement(
      { ...own, rows: text },
      (p) => sql<never>`
      insert into presence_sessions (node, topic, key, session)
      select ${p.node}, x.value ->> 0, x.value ->> 1, x.value ->> 2 from ${each(p.rows)} where ${isLast(p)}
      on conflict (topic, node, key) do update set session = excluded.session`,
    ),
    removePresence: statement(
      { ...own, rows: text },
      (p) => sql<never>`
      delete from presence_sessions where node = ${p.node} and ${isLast(p)}
        and (topic, key) in (select x.value ->> 0, x.value ->> 1 from ${each(p.rows)})`,
    ),
    setPresenceSeqs: statement(
      { ...own, rows: text },
      (p) => sql<never>`
      insert into presence_rooms (node, topic, seq)
      select ${p.node}, x.value ->> 0, ${whole(1)} from ${each(p.rows)} where ${isLast(p)}
      on conflict (topic, node) do update set seq = excluded.seq`,
    ),
    closePresenceRooms: statement(
      { ...own, topics: text },
      (p) => sql<never>`
      delete from presence_rooms where node = ${p.node} and ${isLast(p)}
        and topic in (select x.value from ${eachText(p.topics)})`,
    ),
    presenceHeads: statement(
      { topics: text, now: number },
      (p) => sql<{ topic: string; node: string; seq: number }>`
      select topic, node, seq from presence_rooms
      where topic in (select x.value from ${eachText(p.topics)}) and node in ${live(p.now)}`,
    ),
    presentSessions: statement(
      { topics: text, now: number },
      (p) => sql<{ topic: string; node: string; key: string; session: string }>`
      select topic, node, key, session from presence_sessions
      where topic in (select x.value from ${eachText(p.topics)}) and node in ${live(p.now)}`,
    ),
    removeLostNodes: statement(
      { before: number, now: number },
      (p) => sql<never>`
      delete from presence_nodes where lease_until < ${p.before} or lease_until - ${longest} > ${p.now}`,
    ),
    removeLostRooms: statement(
      {},
      () => sql<never>`delete from presence_rooms where node not in (select node from presence_nodes)`,
    ),
    removeLostSessions: statement(
      {},
      () => sql<never>`delete from presence_sessions where node not in (select node from presence_nodes)`,
    ),
  };
}
