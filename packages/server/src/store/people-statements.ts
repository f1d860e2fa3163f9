import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';
import { number, numberOrNull, statementCompiler, text } from './statement.ts';

/** Users, their names, and the shared topics they hear. */
export function peopleStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  const userColumns = ['user_id', 'username', 'read_upto', 'read_upto_at', 'read_upto_rev'] as const;
  return {
    user: statement({ userId: text }, (p) =>
      db
        .selectFrom('users')
        .select([...userColumns, 'roles', 'roles_at'])
        .where('user_id', '=', p.userId),
    ),
    userByName: statement({ username: text }, (p) =>
      db.selectFrom('users').select(['user_id']).where('username', '=', p.username),
    ),
    nameUser: statement({ user_id: text, username: text }, (p) =>
      db
        .insertInto('users')
        .values(p)
        .onConflict((c) => c.column('user_id').doUpdateSet({ username: (e) => e.ref('excluded.username') })),
    ),
    unnameUser: statement({ username: text }, (p) =>
      db.updateTable('users').set({ username: sql`null` }).where('username', '=', p.username),
    ),
    setReadUpto: statement({ user_id: text, read_upto: number, read_upto_at: number, read_upto_rev: number }, (p) =>
      db
        .insertInto('users')
        .values(p)
        .onConflict((c) =>
          c.column('user_id').doUpdateSet((e) => ({
            read_upto: e.ref('excluded.read_upto'),
            read_upto_at: e.ref('excluded.read_upto_at'),
            read_upto_rev: e.ref('excluded.read_upto_rev'),
          })),
        ),
    ),
    setRoles: statement({ user_id: text, roles: text, roles_at: number }, (p) =>
      db
        .insertInto('users')
        .values(p)
        .onConflict((c) =>
          c
            .column('user_id')
            .doUpdateSet((e) => ({ roles: e.ref('excluded.roles'), roles_at: e.ref('excluded.roles_at') })),
        ),
    ),
    /** Every shared topic that a user hears or has heard. */
    audiences: statement({ userId: text }, (p) =>
      db
        .selectFrom('audiences')
        .select(['user_id', 'topic', 'rev', 'since', 'left_rev', 'left_at'])
        .where('user_id', '=', p.userId),
    ),
    /** What was changed of them in the revs `from..to`. */
    audiencesRange: statement({ from: number, to: number }, (p) =>
      db
        .selectFrom('audiences')
        .select(['user_id', 'topic', 'rev', 'left_rev'])
        .where('rev', '>=', p.from)
        .where('rev', '<=', p.to)
        .orderBy('rev'),
    ),
    setAudience: statement(
      { user_id: text, topic: text, rev: number, since: number, left_rev: numberOrNull, left_at: numberOrNull },
      (p) =>
        db
          .insertInto('audiences')
          .values(p)
          .onConflict((c) =>
            c.columns(['user_id', 'topic']).doUpdateSet((e) => ({
              ...{ rev: e.ref('excluded.rev'), since: e.ref('excluded.since') },
              ...{ left_rev: e.ref('excluded.left_rev'), left_at: e.ref('excluded.left_at') },
            })),
          ),
    ),
    /** Moves the mark of what was written to a session of the user forward. */
    setDelivered: statement({ userId: text, rev: number }, (p) =>
      db
        .updateTable('users')
        .set({ delivered_upto: p.rev })
        .where('user_id', '=', p.userId)
        .where('delivered_upto', '<', p.rev),
    ),
  };
}
