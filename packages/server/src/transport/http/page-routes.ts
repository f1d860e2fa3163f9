import { readFile } from 'node:fs/promises';
import { TidingsError } from '@tidings/protocol';
import type { FastifyInstance } from 'fastify';

export interface Pages {
  /** Whether the test page may send: in development only. Runs one of the sender's functions by name. */
  trySend: ((name: string, args: unknown[]) => Promise<unknown>) | null;
}

/** What the server's own pages are made of, by path. The script for pages is built from the client's sources. */
const files: Record<string, string> = {
  '/tidings.js': 'tidings.js',
  '/test': 'test.html',
  '/test/page.css': 'test.css',
  '/test/sample.csv': 'test/sample.csv',
  ...Object.fromEntries(
    [
      ...['page', 'dom', 'wire-tap', 'describe', 'frame-log', 'connection', 'task-cards', 'send-forms', 'simulations'],
    ].map((name) => [`/test/${name}.js`, `test/${name}.js`]),
  ),
};

const types: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
};

const folder = new URL('../../../public/', import.meta.url);

/** Nothing inline, nothing from elsewhere. `blob:` is where the test page puts a token, to hand it to the client within the tab. */
const policy = [
  "default-src 'self'",
  "connect-src 'self' ws: wss: blob:",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** The script for pages (`/tidings.js`) and the test page (`/test`). */
export function pageRoutes(app: FastifyInstance, pages: Pages): void {
  for (const [path, file] of Object.entries(files)) {
    app.get(path, async (_request, reply) => {
      const content = await readPage(file);
      reply.header('cache-control', 'no-cache').header('x-content-type-options', 'nosniff');
      if (path === '/tidings.js') reply.header('cross-origin-resource-policy', 'cross-origin');
      else reply.header('content-security-policy', policy).header('referrer-policy', 'no-referrer');
      return reply.type(types[file.split('.').pop() as string] as string).send(content);
    });
  }
  app.get('/test/about', async () => ({ can_send: pages.trySend !== null }));
  const { trySend } = pages;
  if (!trySend) return;
  app.post<{ Body: { name?: unknown; args?: unknown } }>('/test/send', async (request) => {
    const { name, args } = request.body ?? {};
    return { result: await trySend(String(name), Array.isArray(args) ? args : []) };
  });
}

async function readPage(file: string): Promise<Buffer> {
  try {
    return await readFile(new URL(file, folder));
  } catch (error) {
    throw new TidingsError('not_found', `${file} is not there; in the repository, "npm start" builds it`, {
      cause: error,
    });
  }
}
