import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { host } from './peer.ts';

/** A port that was free a moment ago, for programs that cannot be given port 0 and asked. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
