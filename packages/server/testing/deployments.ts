import { afterAll, beforeAll, describe } from 'vitest';
import { type ClientTransport, clientTransports } from './frame-clients.ts';
import { TestDatabase } from './postgres.ts';
import { RunningServer } from './running-server.ts';

/** A deployment: what is sent goes to its first node, and clients connect to its last, then to any. */
export interface Deployment {
  name: string;
  start(): Promise<{ nodes: readonly RunningServer[]; stop(): Promise<void> }>;
}

/** One node on SQLite, and two on PostgreSQL. */
export const deployments: readonly Deployment[] = [
  {
    name: 'one node',
    async start() {
      const node = await RunningServer.start();
      return { nodes: [node], stop: () => node.stop() };
    },
  },
  {
    name: 'two nodes',
    async start() {
      const database = await TestDatabase.create();
      const nodes = [
        await RunningServer.start({ database: database.url }),
        await RunningServer.start({ database: database.url }),
      ];
      const stop = async () => {
        for (const node of nodes) await node.stop();
        await database.drop();
      };
      return { nodes, stop };
    },
  },
];

/** Has the tests of a contract run by each transport on each deployment. */
export function onDeployments(
  contract: (transport: ClientTransport, nodesOf: () => readonly RunningServer[]) => void,
): void {
  describe.each(deployments)('on $name', ({ start }) => {
    let nodes: readonly RunningServer[];
    let stop: () => Promise<void>;
    beforeAll(async () => {
      ({ nodes, stop } = await start());
    });
    afterAll(() => stop());

    describe.each(clientTransports)('by $name', (transport) => contract(transport, () => nodes));
  });
}
