import { ephemeralContract } from '../ephemeral.contract.ts';
import { MemoryEphemeral } from './memory-ephemeral.ts';

ephemeralContract('MemoryEphemeral', async () => {
  const ephemeral = new MemoryEphemeral();
  return { nodes: [ephemeral, ephemeral], close: () => ephemeral.close() };
});
