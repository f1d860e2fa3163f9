import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';

export interface Pages {
  /** Whether the test page may send: in development only. Runs one of the sender's functions by name. */
  trySend: ((name: string, args: unknown[]) => Promise<unknown>) | null;
}

/** What the server's own pages are made of. The script is built from the client's sources. */
const files: Record<string, { file: string; type: string }> = {
  '/tidings.js': { file: 'tidings.js', type: 'text/javascript; charset=utf-8' },
  '/test': { file: 'test.html', type: 'text/html; charset=utf-8' },
  '/test/page.js': { file: 'test.js', type: 'text/javascript; charset=utf-8' },
  '/test/page.css': { file: 'test.css', type: 'text/css; charset=utf-8' },
};

const folder = new URL('../../../public/', import.meta.url);

const policy =
  "default-src 'self'; connect-src 'self' ws: wss:; style-src 'self'; script-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

/** The script for pages (`/tidings.js`) and the test page (`/test`). */
export function pageRoutes(app: FastifyInstance, pages: Pages): void {
  for (const [path, { file, type }] of Object.entries(files)) {
    app.get(path, async (_request, reply) => {
      const content = await readFile(new URL(file, folder));
      reply.header('cache-control', 'no-cache').header('x-content-type-options', 'nosniff');
      if (path === '/test') reply.header('content-security-policy', policy);
      if (path === '/tidings.js') reply.header('cross-origin-resource-policy', 'cross-origin');
      return reply.type(type).send(content);
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
