import { type Kysely, sql } from 'kysely';
import { documentStatements } from './document-statements.ts';
import { documentVersionStatements } from './document-version-statements.ts';
import { healthStatements } from './health-statements.ts';
import { inboxStatements } from './inbox-statements.ts';
import { outboundStatements } from './outbound-statements.ts';
import { outboxStatements } from './outbox-statements.ts';
import { peopleStatements } from './people-statements.ts';
import { presenceStatements } from './presence-statements.ts';
import { receiptStatements } from './receipt-statements.ts';
import { recordStatements } from './record-statements.ts';
import { roomStatements } from './room-statements.ts';
import { runnerStatements } from './runner-statements.ts';
import type { Schema } from './schema.ts';
import { number, statementCompiler, text } from './statement.ts';
import { taskLogStatements } from './task-log-statements.ts';
import { topicStatements } from './topic-statements.ts';
import { unreadStatements } from './unread-statements.ts';
import { upkeepStatements } from './upkeep-statements.ts';

/** The hot statements, compiled once for one kind of database. */
export function statements(db: Kysely<Schema>) {
  return {
    ...sequenceStatements(db),
    ...recordStatements(db),
    ...topicStatements(db),
    ...unreadStatements(db),
    ...inboxStatements(db),
    ...peopleStatements(db),
    ...receiptStatements(db),
    ...upkeepStatements(db),
    ...outboxStatements(db),
    ...outboundStatements(db),
    ...runnerStatements(db),
    ...roomStatements(db),
    ...documentStatements(db),
    ...documentVersionStatements(db),
    ...presenceStatements(db),
    ...healthStatements(db),
    ...taskLogStatements(db),
  };
}
export type Statements = ReturnType<typeof statements>;

function sequenceStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  const terms = db.selectFrom('terms').select(['term', 'from_rev']);
  return {
    sequence: statement({}, () => db.selectFrom('sequence').select(['head', 'floor'])),
    /** Changes nothing, and writes all the same. */
    touch: statement({}, () => db.updateTable('sequence').set({ head: (e) => e.ref('head') })),
    setHead: statement({ head: number }, (p) => db.updateTable('sequence').set({ head: p.head })),
    terms: statement({}, () => terms.orderBy('ordinal')),
    lastTerm: statement({}, () => terms.orderBy('ordinal', 'desc').limit(sql.lit(1))),
    addTerm: statement({ term: text, fromRev: number }, (p) =>
      db.insertInto('terms').values({ term: p.term, from_rev: p.fromRev }),
    ),
  };
}
