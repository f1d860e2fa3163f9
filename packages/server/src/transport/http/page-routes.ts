import { readFile } from 'node:fs/promises';
import { basename } from 'node:path/posix';
import { TidingsError } from '@tidings/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import Type from 'typebox';
import type { Answer, Endpoint } from './endpoint.ts';
import type { Routes } from './routes.ts';

export interface Pages {
  /** Runs one of the sender's functions by name, for the test page; null outside development. */
  trySend: ((name: string, args: unknown[]) => Promise<unknown>) | null;
  /** The folder of the files that are served. */
  folder: URL;
}

const modules = (page: string, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`/${page}/${name}.js`, `${page}/${name}.js`]));

/** The further files of the server's own pages, by path. */
const parts: Record<string, string> = {
  '/test/page.css': 'test.css',
  '/test/sample.csv': 'test/sample.csv',
  ...modules('test', ['page', 'dom', 'wire-tap', 'describe', 'frame-log']),
  ...modules('test', ['connection', 'task-cards', 'send-forms', 'simulations']),
  '/docs/page.css': 'docs.css',
  ...modules('docs', ['page', 'documents', 'reader', 'contents', 'heading', 'prose']),
  ...modules('docs', ['code-view', 'schema-view', 'call-view', 'socket-view']),
};

/** Scripts that `/tidings.js` loads when they are wanted: the list, a task's card, toasts and files, why there is no connection, and other ways to one. */
const scriptParts = ['inbox', 'task', 'room', 'health', 'news', 'diagnosis', 'transports'].map(
  (part) => `tidings-${part}.js`,
);

const types: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
};

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

const isFile = (type: string, description: string): Record<number, Answer> => ({
  200: { description, type, schema: Type.String(), examples: {} },
});
const ofPages = { group: 'Pages', who: 'anyone', store: 'none' } as const satisfies Partial<Endpoint>;
const notBuilt = { not_found: 'tidings.js is not there; in the repository, "npm start" builds it' };

/** The script for pages (`/tidings.js`), the test page (`/test`) and the page of the documents (`/docs`). */
export function pageRoutes(app: FastifyInstance, routes: Routes, { trySend, folder }: Pages): void {
  const file = (name: string): URL => new URL(name, folder);
  routes.add({
    call: 'GET /tidings.js',
    ...{ id: 'script', ...ofPages, summary: 'The client with its elements, for one script tag', errors: notBuilt },
    answers: isFile('text/javascript', 'The script, built from the client’s sources'),
    handle: ({ reply }) => sendScript(reply, file('tidings.js')),
  });
  for (const name of scriptParts) app.get(`/${name}`, (_request, reply) => sendScript(reply, file(name)));
  routes.add({
    call: 'GET /test',
    ...{ id: 'testPage', ...ofPages, summary: 'Connect, and see what comes; in development, send' },
    answers: isFile('text/html', 'The test page'),
    handle: ({ reply }) => sendPart(reply, file('test.html')),
  });
  routes.add({
    call: 'GET /docs',
    ...{ id: 'docsPage', ...ofPages, summary: 'Read what is described here' },
    answers: isFile('text/html', 'The page of both documents'),
    handle: ({ reply }) => sendPart(reply, file('docs.html')),
  });
  for (const [path, name] of Object.entries(parts)) app.get(path, (_request, reply) => sendPart(reply, file(name)));
  app.get('/test/about', async () => ({ can_send: trySend !== null }));
  if (!trySend) return;
  // The address of a development server is opened as it is printed.
  app.get('/', (_request, reply) => reply.redirect('test'));
  app.post<{ Body: { name?: unknown; args?: unknown } }>('/test/send', async (request) => {
    const { name, args } = request.body ?? {};
    return { result: await trySend(String(name), Array.isArray(args) ? args : []) };
  });
}

/** Sends a script that pages from elsewhere may load too. */
function sendScript(reply: FastifyReply, file: URL): Promise<FastifyReply> {
  reply.header('cross-origin-resource-policy', 'cross-origin');
  return sendFile(reply, file);
}

/** Sends a page, or what it loads. */
function sendPart(reply: FastifyReply, file: URL): Promise<FastifyReply> {
  reply.header('content-security-policy', policy).header('referrer-policy', 'no-referrer');
  return sendFile(reply, file);
}

async function sendFile(reply: FastifyReply, file: URL): Promise<FastifyReply> {
  const name = basename(file.pathname);
  const content = await readFile(file).catch((error: unknown) => {
    throw new TidingsError('not_found', `${name} is not there; in the repository, "npm start" builds it`, {
      cause: error,
    });
  });
  reply.header('cache-control', 'no-cache').header('x-content-type-options', 'nosniff');
  return reply.type(types[name.split('.').pop() as string] as string).send(content);
}
