// Tidings as an application embeds it.
import { createTidings } from '@tidings/server';
import { apiKey, host, secret } from '../peer.ts';
import { serve } from '../serve.ts';

const tidings = await createTidings({ database: process.argv[2], auth: { jwtSecret: secret, apiKeys: [apiKey] } });
const { port } = await tidings.listen({ host, port: Number(process.argv[3] ?? 0) });
serve(port, () => tidings.close());
