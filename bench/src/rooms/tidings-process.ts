// Tidings as an application embeds it, with room for as many documents as the play has.
import { createTidings } from '@tidings/server';
import { host, secret } from '../peers/peer.ts';
import { serve } from '../peers/serve.ts';

const tidings = await createTidings({
  database: process.argv[2],
  auth: { jwtSecret: secret },
  limits: { maxOpenDocuments: 20_000, maxConnectionsPerAddress: 100_000 },
});
const { port } = await tidings.listen({ host, port: 0 });
serve(port, () => tidings.close());
