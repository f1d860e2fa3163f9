import type { Store } from '../domain/ports.ts';
import type { SqlEngine } from './engine.ts';
import { historyReads } from './history-reads.ts';
import { outboundStore } from './outbound-store.ts';
import { recordReads, userReads } from './record-reads.ts';
import { runnerStore } from './runner-store.ts';
import { sessionReads } from './session-reads.ts';
import { SqlCommits } from './sql-commits.ts';
import { SqlDatabase } from './steps.ts';
import { outboxStore, upkeepStore } from './upkeep-store.ts';

/** The store on a SQL database: group commit over the engine's transactions, reads over its snapshots. */
export function sqlStore(engine: SqlEngine): Store {
  const database = new SqlDatabase(engine);
  return Object.assign(new SqlCommits(engine), {
    ...historyReads(database),
    ...sessionReads(database),
    ...recordReads(database),
    ...userReads(database),
    ...upkeepStore(engine, database),
    ...outboxStore(engine, database),
    ...outboundStore(database),
    ...runnerStore(database),
  });
}
