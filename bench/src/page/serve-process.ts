// A server of one build, in development mode, that has a page with a bell, and publishes what it is told to.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PublishOrder } from './server.ts';

const [folder = '', database = ''] = process.argv.slice(2);
const { createTidings } = await import(pathToFileURL(join(folder, 'packages/server/src/index.ts')).href);
const limits = { actionBurst: 1_000_000, workBurst: 1_000_000 };
const tidings = await createTidings({ dev: true, database: `sqlite:${database}`, limits });
const html = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>page</title>
<link rel="icon" href="data:,"><script src="/tidings.js" data-user="alice"></script><tidings-bell></tidings-bell>`;
const application = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
application.listen(0, '127.0.0.1');
await once(application, 'listening');
tidings.attach(application);
const { port } = application.address() as AddressInfo;

const notification = (n: number) => ({
  ...{ to: { user: 'alice' }, notification_type: 'info', title: `Report ${n}` },
  message: `Your report ${n} on the third quarter is ready to be downloaded.`,
});

process.on('message', async ({ count, milliseconds }: PublishOrder) => {
  const started = performance.now();
  for (let sent = 0; sent < count; ) {
    const due = milliseconds
      ? Math.min(count, Math.ceil((count * (performance.now() - started)) / milliseconds))
      : count;
    const batch = Array.from({ length: Math.min(due - sent, 500) }, (_, i) => notification(sent + i));
    // One by one, as callers do; the store puts what comes at once into one transaction.
    await Promise.all(batch.map((one) => tidings.notify(one)));
    sent += batch.length;
    await new Promise((next) => setTimeout(next, 10));
  }
  process.send?.(performance.now() - started);
});
process.on('disconnect', () => tidings.close().then(() => process.exit()));
process.send?.({ port });
