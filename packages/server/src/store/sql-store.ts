import type { Store } from '../domain/ports.ts';
import { Counters } from '../telemetry/counters.ts';
import { documentStore } from './document-store.ts';
import { documentVersionStore } from './document-version-store.ts';
import type { SqlEngine } from './engine.ts';
import { healthStore } from './health-store.ts';
import { historyReads } from './history-reads.ts';
import { outboundStore } from './outbound-store.ts';
import { presenceStore } from './presence-store.ts';
import { recordReads, userReads } from './record-reads.ts';
import { roomReads } from './room-reads.ts';
import { runnerStore } from './runner-store.ts';
import { sessionReads } from './session-reads.ts';
import { SqlCommits } from './sql-commits.ts';
import { SqlDatabase } from './steps.ts';
import { taskLogStore } from './task-log-store.ts';
import { outboxStore, upkeepStore } from './upkeep-store.ts';
import { WatchedEngine } from './watched-engine.ts';

/** The store on a SQL database: group commit over the engine's transactions, reads over its snapshots. */
export function sqlStore(engine: SqlEngine, counters = new Counters()): Store {
  const watched = new WatchedEngine(engine);
  const database = new SqlDatabase(watched);
  return Object.assign(new SqlCommits(watched, counters), {
    ...historyReads(database),
    ...sessionReads(database),
    ...recordReads(database),
    ...userReads(database),
    ...upkeepStore(watched, database),
    ...outboxStore(watched, database),
    ...outboundStore(database),
    ...runnerStore(database),
    ...roomReads(database),
    ...documentStore(database),
    ...documentVersionStore(database),
    ...taskLogStore(database),
    ...presenceStore(watched, database),
    ...healthStore(database),
  });
}
