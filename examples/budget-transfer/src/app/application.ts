import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Call, Refusal, type Route, redirect, sendJson } from './http.ts';
import { type Pages, sendPageFile } from './pages.ts';
import { type Person, people, personOf } from './people.ts';
import type { Sessions } from './sessions.ts';

export interface ApplicationParts {
  readonly sessions: Sessions;
  readonly pages: Pages;
  /** The routes for people who are signed in. */
  readonly routes: readonly Route[];
}

/** The application itself, in plain `node:http`; it knows nothing of Tidings but the routes that use it. */
export function createApplication(parts: ApplicationParts): RequestListener {
  return (request, response) => {
    answer(parts, request, response).catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'The application failed at this. Try again.');
      if (!(error instanceof Refusal)) process.stderr.write(`${request.method} ${request.url}: ${error}\n`);
      sendJson(response, refusal.status, { message: refusal.message });
    });
  };
}

async function answer(parts: ApplicationParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { sessions, routes } = parts;
  const url = new URL(request.url ?? '/', 'http://localhost');
  checkSender(request);
  const person = sessions.personOf(request);
  const place = `${request.method} ${url.pathname}`;
  const signIn = /^POST \/sign-in\/([a-z]+)$/.exec(place);
  if (place === 'GET /') return sendFirstPage(parts, request, response);
  if (place.startsWith('GET /page/')) return sendPageFile(response, url.pathname.slice('/page/'.length));
  if (signIn) return redirect(response, '/', sessions.begin(personNamed(signIn[1] ?? '')));
  if (place === 'POST /sign-out') return redirect(response, '/', sessions.end());
  if (!person) throw new Refusal(401, 'Sign in first.');
  await answerRoute(routes, { request, response, url, person });
}

/** `http://tom.localhost` is Tom's own: so that people can work side by side in one browser, each with a session there. */
function sendFirstPage({ sessions, pages }: ApplicationParts, request: IncomingMessage, response: ServerResponse) {
  const [name = '', domain = ''] = hostOf(request).split('.');
  const owner = domain === 'localhost' && sessions.isNew(request) ? personOf(name) : undefined;
  if (owner) response.setHeader('set-cookie', sessions.begin(owner));
  return owner || sessions.personOf(request) ? pages.sendHome(response) : pages.sendSignIn(response);
}

async function answerRoute(routes: readonly Route[], call: Omit<Call, 'params'>): Promise<void> {
  for (const route of routes) {
    const match = route.method === call.request.method ? route.path.exec(call.url.pathname) : null;
    if (match) return route.answer({ ...call, params: match.slice(1) });
  }
  throw new Refusal(404, `There is no ${call.request.method} ${call.url.pathname}.`);
}

/** Of a browser's pages only our own may change things, and only by an address of this machine. */
function checkSender(request: IncomingMessage): void {
  if (!/^(127\.0\.0\.1|([a-z]+\.)?localhost|\[::1\])$/.test(hostOf(request)))
    throw new Refusal(403, 'Open this demo as http://127.0.0.1.');
  const from = request.headers['sec-fetch-site'] ?? 'none';
  if (request.method !== 'GET' && from !== 'same-origin' && from !== 'none') {
    throw new Refusal(403, 'Another site may not do this.');
  }
}

const hostOf = (request: IncomingMessage): string => (request.headers.host ?? '').replace(/:\d+$/, '');

function personNamed(id: string): Person {
  const person = personOf(id);
  if (person) return person;
  throw new Refusal(404, `Nobody here is called "${id}": sign in as ${people.map((one) => one.id).join(', ')}.`);
}
