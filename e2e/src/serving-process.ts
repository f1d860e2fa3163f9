import './faults/shifted-clock.ts';
import { createTidings } from '@tidings/server';

/** A server in a process of its own, to be killed: port, database and secrets come as arguments. */
const [port, database, jwtSecret, apiKey] = process.argv.slice(2) as [string, string, string, string];
const tidings = await createTidings({
  database,
  auth: { jwtSecret, apiKeys: [apiKey] },
  trustedProxies: ['127.0.0.1'],
});
await tidings.listen({ port: Number(port) });
process.once('SIGTERM', () => void tidings.close().then(() => process.exit()));
process.on('message', () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.(heapUsed + external);
});
process.once('disconnect', () => process.exit());
console.log('ready');
