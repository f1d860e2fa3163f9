// Hocuspocus as its documentation has it, in memory. Argument: the folder where it is installed.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { host } from '../peers/peer.ts';
import { serve } from '../peers/serve.ts';

interface Hocuspocus {
  listen(): Promise<unknown>;
  destroy(): Promise<unknown>;
  address: { port: number };
}
interface Library {
  Server: new (options: { port: number; address: string; quiet: boolean; stopOnSignals: boolean }) => Hocuspocus;
}

const [folder = ''] = process.argv.slice(2);
const found = createRequire(join(folder, 'package.json')).resolve('@hocuspocus/server');
const { Server } = (await import(pathToFileURL(found).href)) as Library;
const server = new Server({ port: 0, address: host, quiet: true, stopOnSignals: false });
await server.listen();
serve(server.address.port, async () => {
  await server.destroy();
});
