import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';
import { number, statementCompiler, text } from './statement.ts';

/** Users, their names, and their memberships. */
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
    /** The present and former memberships of a user in shared topics, and of those in rooms what has changed after a rev. */
    memberships: statement({ userId: text, after: number }, (p) =>
      db
        .selectFrom('audiences')
        .select(['user_id', 'topic', 'rev', 'since', 'left_rev', 'left_at', 'access'])
        .where('user_id', '=', p.userId)
        .where((e) => e.or([e('access', 'is', null), e('rev', '>', p.after)])),
    ),
    /** The memberships that changed in the revs `from..to`. */
    membershipsRange: statement({ from: number, to: number }, (p) =>
      db
        .selectFrom('audiences')
        .select(['user_id', 'topic', 'rev', 'left_rev', 'access'])
        .where('rev', '>=', p.from)
        .where('rev', '<=', p.to)
        .orderBy('rev'),
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
