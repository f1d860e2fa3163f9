// Tidings as an application embeds it. Arguments: the database, the port (0 for any), limits as JSON.
import { createTidings } from '@tidings/server';
import { apiKey, host, secret } from '../peer.ts';
import { serve } from '../serve.ts';

const [database, wantedPort = '0', limits = '{}'] = process.argv.slice(2);
const auth = { jwtSecret: secret, apiKeys: [apiKey] };
const tidings = await createTidings({ ...(database ? { database } : {}), auth, limits: JSON.parse(limits) });
const { port } = await tidings.listen({ host, port: Number(wantedPort) });
serve(port, () => tidings.close());
