import { createTidings } from '@tidings/server';
import fastify from 'fastify';

const tidings = await createTidings({ auth: { authenticate: () => ({ sub: 'demo' }) } }); // your own session goes here
const app = fastify();
app.post('/reports', () => tidings.notify({ to: { user: 'demo' }, title: 'Report ready' }));
await app.ready();
tidings.attach(app.server);
await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' });
