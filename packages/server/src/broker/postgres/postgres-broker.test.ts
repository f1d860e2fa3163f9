import { TestDatabase } from '../../../testing/postgres.ts';
import { PostgresAddress } from '../../store/postgres/address.ts';
import { silent } from '../../telemetry/events.ts';
import { brokerContract } from '../broker.contract.ts';
import { ephemeralContract } from '../ephemeral.contract.ts';
import { PostgresBus } from './bus.ts';
import { PostgresBroker } from './postgres-broker.ts';
import { PostgresEphemeral } from './postgres-ephemeral.ts';

/** Two nodes on a database of their own. */
async function nodes<Port extends { close(): Promise<void> }>(portOf: (bus: PostgresBus) => Port) {
  const database = await TestDatabase.createEmpty();
  const buses = [0, 1].map(() => new PostgresBus(new PostgresAddress(database.url), silent)) as [
    PostgresBus,
    PostgresBus,
  ];
  await Promise.all(buses.map((bus) => bus.open()));
  return {
    nodes: [portOf(buses[0]), portOf(buses[1])] as const,
    async close() {
      await Promise.all(buses.map((bus) => bus.close()));
      await database.drop();
    },
  };
}

brokerContract('PostgresBroker', () => nodes((bus) => new PostgresBroker(bus)));
ephemeralContract('PostgresEphemeral', () => nodes((bus) => new PostgresEphemeral(bus)));
