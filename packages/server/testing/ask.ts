import { randomUUID } from 'node:crypto';
import type { MemoryConnection, Received } from './memory-connection.ts';
import { until } from './world.ts';

/** Sends an action, and waits for its `reply` or `error`. */
export async function ask(connection: MemoryConnection, action: object): Promise<Received> {
  const ref = randomUUID();
  const answer = () => connection.received.find((frame) => frame.ref === ref);
  connection.say({ ...action, ref });
  await until(() => answer() !== undefined);
  return answer() as Received;
}
