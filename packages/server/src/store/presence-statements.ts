import { type Kysely, sql } from 'kysely';
import { isSqlite } from './migrations/missing-parts.ts';
import type { Schema } from './schema.ts';
import { number, type Param, statementCompiler, text } from './statement.ts';

/** Sessions in rooms, and the leases of the nodes that have them. Lists are JSON. */
export function presenceStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  const isFile = isSqlite(db as unknown as Kysely<unknown>);
  /** The rows of a JSON array, as `x.value`. */
  const each = (list: Param<string>) =>
    isFile ? sql`json_each(${list}) x` : sql`json_array_elements(${list}::json) x (value)`;
  const eachText = (list: Param<string>) =>
    isFile ? sql`json_each(${list}) x` : sql`json_array_elements_text(${list}::json) x (value)`;
  const whole = (index: number) => sql.raw(isFile ? `x.value ->> ${index}` : `(x.value ->> ${index})::bigint`);
  const live = (now: Param<number>) => sql`(select node from presence_nodes where lease_until > ${now})`;
  return {
    extendPresenceNode: statement({ node: text, until: number }, (p) =>
      db.updateTable('presence_nodes').set({ lease_until: p.until }).where('node', '=', p.node).returning('node'),
    ),
    addPresenceNode: statement({ node: text, until: number }, (p) =>
      db.insertInto('presence_nodes').values({ node: p.node, lease_until: p.until }),
    ),
    livePresenceNodes: statement({ now: number }, (p) =>
      db.selectFrom('presence_nodes').select('node').where('lease_until', '>', p.now),
    ),
    putPresence: statement(
      { node: text, rows: text },
      (p) => sql<never>`
      insert into presence_sessions (node, topic, key, session)
      select ${p.node}, x.value ->> 0, x.value ->> 1, x.value ->> 2 from ${each(p.rows)} where true
      on conflict (topic, node, key) do update set session = excluded.session`,
    ),
    removePresence: statement(
      { node: text, rows: text },
      (p) => sql<never>`
      delete from presence_sessions where node = ${p.node}
        and (topic, key) in (select x.value ->> 0, x.value ->> 1 from ${each(p.rows)})`,
    ),
    setPresenceSeqs: statement(
      { node: text, rows: text },
      (p) => sql<never>`
      insert into presence_rooms (node, topic, seq)
      select ${p.node}, x.value ->> 0, ${whole(1)} from ${each(p.rows)} where true
      on conflict (topic, node) do update set seq = excluded.seq`,
    ),
    closePresenceRooms: statement(
      { node: text, topics: text },
      (p) => sql<never>`
      delete from presence_rooms where node = ${p.node} and topic in (select x.value from ${eachText(p.topics)})`,
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
    removeLostNodes: statement({ before: number }, (p) =>
      db.deleteFrom('presence_nodes').where('lease_until', '<', p.before),
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
