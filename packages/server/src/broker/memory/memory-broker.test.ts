import { brokerContract } from '../broker.contract.ts';
import { MemoryBroker } from './memory-broker.ts';

brokerContract('MemoryBroker', async () => {
  const broker = new MemoryBroker();
  return { nodes: [broker, broker], close: () => broker.close() };
});
