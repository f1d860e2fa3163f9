import { createServer } from 'node:http';
import { createTidings } from '@tidings/server';
import express from 'express';

const tidings = await createTidings({ auth: { authenticate: () => ({ sub: 'demo' }) } }); // your own session goes here
const app = express();
app.post('/reports', async (_, res) => res.json(await tidings.notify({ to: { user: 'demo' }, title: 'Report ready' })));
const server = createServer(app).listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
tidings.attach(server);
