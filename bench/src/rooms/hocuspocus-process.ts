// Hocuspocus with what it does by default: documents in memory, stored nowhere. Its folder is the first argument.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { host } from '../peers/peer.ts';
import { serve } from '../peers/serve.ts';

const { Server } = createRequire(join(process.argv[2] as string, 'package.json'))('@hocuspocus/server');
const server = new Server({ address: host, port: Number(process.argv[3]), quiet: true });
await server.listen();
serve(Number(process.argv[3]), () => server.destroy());
