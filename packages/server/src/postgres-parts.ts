import { PostgresBus } from './broker/postgres/bus.ts';
import { PostgresBroker } from './broker/postgres/postgres-broker.ts';
import { PostgresEphemeral } from './broker/postgres/postgres-ephemeral.ts';
import type { DatabaseLocation } from './config/database.ts';
import { PostgresAddress } from './store/postgres/address.ts';
import { PostgresEngine } from './store/postgres/engine.ts';
import type { Telemetry } from './telemetry/events.ts';

type PostgresLocation = Extract<DatabaseLocation, { kind: 'postgres' }>;

/** A PostgreSQL, by which its nodes also reach one another. */
export function postgresParts({ url, listenUrl }: PostgresLocation, telemetry: Telemetry) {
  const engine = new PostgresEngine(url);
  const address = listenUrl ? new PostgresAddress(listenUrl, 'listenUrl (--listen-url)') : new PostgresAddress(url);
  const bus = new PostgresBus(address, telemetry);
  return { engine, broker: new PostgresBroker(bus), ephemeral: new PostgresEphemeral(bus), bus };
}
