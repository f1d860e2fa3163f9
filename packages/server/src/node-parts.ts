import { MemoryBroker } from './broker/memory/memory-broker.ts';
import { MemoryEphemeral } from './broker/memory/memory-ephemeral.ts';
import type { DatabaseLocation } from './config/database.ts';
import type { Broker, Ephemeral } from './domain/ports.ts';
import type { SqlEngine } from './store/engine.ts';
import { SqliteEngine } from './store/sqlite/engine.ts';
import type { Telemetry } from './telemetry/events.ts';
import type { WorkerChannel } from './workers/messages.ts';
import { RemoteWriter } from './workers/remote-writer.ts';
import { WorkerBroker } from './workers/worker-broker.ts';
import { WorkerEphemeral } from './workers/worker-ephemeral.ts';

/** The messages between the nodes of one PostgreSQL. */
export interface Bus {
  open(): Promise<void>;
  close(): Promise<void>;
}

/** The links of this process to its database, and to the other servers on it. */
export interface NodeParts {
  engine: SqlEngine;
  broker: Broker;
  ephemeral: Ephemeral;
  /** Null on SQLite. */
  bus: Bus | null;
}

/** Makes them. What only PostgreSQL needs is loaded here, so that a server on SQLite starts without it. */
export async function nodeParts(
  location: DatabaseLocation,
  { telemetry, primary }: { telemetry: Telemetry; primary: WorkerChannel | null },
): Promise<NodeParts> {
  if (location.kind === 'sqlite') return primary ? workerParts(location.path, primary) : ownParts(location.path);
  const { postgresParts } = await import('./postgres-parts.ts');
  return postgresParts(location, telemetry);
}

const ownParts = (path: string): NodeParts => ({
  engine: new SqliteEngine(path),
  ...{ broker: new MemoryBroker(), ephemeral: new MemoryEphemeral(), bus: null },
});

const workerParts = (path: string, primary: WorkerChannel): NodeParts => ({
  engine: new SqliteEngine(path, Date.now, new RemoteWriter(primary)),
  ...{ broker: new WorkerBroker(primary), ephemeral: new WorkerEphemeral(primary), bus: null },
});
