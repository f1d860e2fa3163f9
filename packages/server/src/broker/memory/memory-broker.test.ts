import { brokerContract } from '../broker.contract.ts';
import { MemoryBroker } from './memory-broker.ts';

brokerContract(
  'the broker of one process',
  () => new MemoryBroker(),
  async () => {},
);
