import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NotificationView, NotifyInput, NotifyResult, Task } from '@tidings/protocol';
import { type HttpAnswer, ok, problem } from './http-answer.ts';
import { SentNotifications } from './sent-notifications.ts';

type Item = NotifyInput & { idempotency_key: string };
export interface Stored extends Item {
  id: string;
  rev: number;
}
export interface Seen {
  method: string;
  path: string;
  authorization: string | undefined;
  /** The body, where it is an array. */
  items: Item[];
  /** The body, where it is an object. */
  fields: Record<string, unknown> | undefined;
}
/** Answers in place of the server; undefined lets it answer itself. `drop` cuts the connection, `hang` never answers. */
export type Script = (request: Seen) => ScriptedAnswer | Promise<ScriptedAnswer>;
export type ScriptedAnswer = undefined | 'drop' | 'hang' | HttpAnswer;
type Refuse = (item: Item) => { code: string; message: string } | undefined;

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text === '' ? undefined : JSON.parse(text);
}

/** A Tidings server in memory, as back ends see it. Its records survive `kill` and `start`. */
export class ContractServer {
  readonly apiKey = 'test-key';
  readonly seen: Seen[] = [];
  readonly stored: Stored[] = [];
  readonly tasks = new Map<string, Task & { reports: unknown[] }>();
  /** The state of the notifications that it stored. */
  readonly sent = new SentNotifications(() => ++this.#rev);
  /** Runs before a request is carried out. */
  before: Script = () => undefined;
  /** Runs after it was carried out, in place of the answer. */
  after: Script = () => undefined;
  /** Refuses single items. */
  refuse: Refuse = () => undefined;
  /** Requests under way, and the most there ever were that named one recipient or task. */
  underWay = 0;
  overlaps = 0;
  /** Connections that somebody waits on for an answer. */
  connections = 0;
  readonly #busy = new Map<string, number>();
  readonly #byKey = new Map<string, Stored>();
  readonly #keys = new Set<string>();
  #server: Server | null = null;
  #port = 0;
  #rev = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Requests of publishing. */
  get batches(): Seen[] {
    return this.seen.filter(({ method, path }) => method === 'POST' && path.startsWith('/api/v1/notifications'));
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => void this.#serve(request, response));
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  /** Cuts every connection and stops listening, as kill -9 does. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = request;
    const body = await readBody(request);
    const items = Array.isArray(body) ? (body as Item[]) : [];
    const fields = Array.isArray(body) ? undefined : (body as Seen['fields']);
    const seen: Seen = { method, path, authorization: request.headers.authorization, items, fields };
    this.seen.push(seen);
    const keys = keysOf(seen);
    this.#enter(keys);
    this.connections++;
    response.once('close', () => this.connections--);
    const answer = (await this.before(seen)) ?? (await this.#carryOut(seen));
    this.#leave(keys);
    if (answer === 'drop') request.socket.destroy();
    else if (answer !== 'hang') {
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(text);
    }
  }

  #enter(keys: string[]): void {
    this.underWay++;
    for (const key of keys) {
      const count = (this.#busy.get(key) ?? 0) + 1;
      this.#busy.set(key, count);
      if (count > 1) this.overlaps++;
    }
  }

  #leave(keys: string[]): void {
    this.underWay--;
    for (const key of keys) this.#busy.set(key, (this.#busy.get(key) ?? 0) - 1);
  }

  async #carryOut(seen: Seen): Promise<Exclude<ScriptedAnswer, undefined>> {
    if (seen.authorization !== `Bearer ${this.apiKey}`) return problem(401, 'unauthenticated', 'no such API key');
    const answer = await this.#route(seen);
    return (await this.after(seen)) ?? answer;
  }

  async #route({ method, path, items, fields = {} }: Seen): Promise<HttpAnswer> {
    const route = `${method} ${path.replace('/api/v1', '')}`;
    if (route === 'POST /notifications/batch?atomic=false') return ok({ results: this.#publish(items) });
    if (route === 'POST /notifications/batch') return this.#publishAtomic(items);
    if (route === 'GET /connections') return ok({ users: connectedUsers });
    if (route === 'GET /users/amadmin/connections?by=username&probe=true') return ok(connections(3));
    if (route === 'GET /users/42/connections') return ok(connections(null));
    if (/^GET \/users\/\w+\/connections$/.test(route))
      return ok({ ...connections(null), connected: false, connections: [] });
    const url = new URL(path.replace('/api/v1', ''), this.url);
    return (await this.sent.route({ method, url, fields })) ?? this.#task(route, fields);
  }

  #publish(items: Item[]): unknown[] {
    return items.map((item) => {
      const error = this.refuse(item);
      return error ? { error: { ...error, docs_url: '' } } : this.#store(item);
    });
  }

  #publishAtomic(items: Item[]): HttpAnswer {
    const index = items.findIndex((item) => this.refuse(item));
    const error = index < 0 ? undefined : this.refuse(items[index] as Item);
    if (error) return problem(400, error.code, error.message, index);
    return { status: 201, body: { results: items.map((item) => this.#store(item)) } };
  }

  #store(item: Item): NotifyResult {
    const known = this.#byKey.get(item.idempotency_key);
    if (known) return { id: known.id, rev: known.rev, duplicate: true };
    const stored: Stored = { ...item, id: randomUUID(), rev: ++this.#rev };
    this.stored.push(stored);
    this.#byKey.set(item.idempotency_key, stored);
    this.sent.add(viewOf(stored));
    const scheduled = item.deliver_at === undefined ? {} : { scheduled: true as const };
    return { id: stored.id, rev: stored.rev, ...scheduled };
  }

  #task(route: string, body: Record<string, unknown>): HttpAnswer {
    const [, id = String(body.task_id ?? randomUUID()), verb] =
      /^\w+ \/tasks(?:\/([^/]+)(\/cancel)?)?$/.exec(route) ?? [];
    const task =
      this.tasks.get(id) ?? ({ task_id: id, rev: 0, reports: [] as unknown[] } as Task & { reports: unknown[] });
    if (route.startsWith('GET')) {
      return this.tasks.has(id) ? ok(task) : problem(404, 'not_found', `there is no task ${id}`);
    }
    this.tasks.set(id, task);
    if (verb) Object.assign(task, { cancel_requested: true });
    const key = String(body.idempotency_key);
    if (body.idempotency_key !== undefined && !this.#keys.has(key)) {
      this.#keys.add(key);
      task.reports.push(body);
      Object.assign(task, body);
    }
    return { status: route.startsWith('PATCH') ? 200 : 201, body: task };
  }
}

function keysOf({ method, path, items }: Seen): string[] {
  if (items.length > 0) return [...new Set(items.map((item) => JSON.stringify(item.to)))];
  const thing = method === 'GET' ? undefined : /\/(?:tasks|notifications|users)\/([^/]+)/.exec(path)?.[1];
  return thing ? [thing] : [];
}

const viewOf = ({ id, rev, to, deliver_at, idempotency_key: _, ...shown }: Stored): NotificationView => ({
  id,
  rev,
  status: deliver_at === undefined ? 'live' : 'scheduled',
  to,
  external_id: shown.external_id === undefined ? null : String(shown.external_id),
  created_at: '2026-01-31T09:00:00.000Z',
  deliver_at: deliver_at ?? null,
  task_id: shown.task_id === undefined ? null : String(shown.task_id),
  answer: null,
  frame: { ...shown, type: shown.type ?? 'user_notification' },
});

const connectedUsers = [{ user_id: '42', username: 'amadmin', connections: 2 }];
const connections = (round_trip_ms: number | null) => ({
  user_id: '42',
  username: 'amadmin',
  connected: true,
  connections: [
    {
      session_id: 's1',
      path: '/ws/',
      connected_at: '2026-01-31T09:30:00Z',
      user_agent: 'Firefox',
      address: '127.0.0.1',
      round_trip_ms,
    },
  ],
});
