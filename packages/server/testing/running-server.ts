import type { IncomingHttpHeaders } from 'node:http';
import { type RawData, WebSocket } from 'ws';
import { prepared } from '../../../testing/prepared.ts';
import type { TidingsOptions } from '../src/config/options.ts';
import { createTidings, type Tidings } from '../src/server.ts';
import { DocumentCheck } from './document-check.ts';
import { EventReader } from './event-reader.ts';
import { TempFolder } from './temp-store.ts';
import { secret, token } from './tokens.ts';
import { until } from './world.ts';

export const apiKey = 'key-of-the-back-end';

/** An unmodified WebSocket client. */
export class PlainSocket {
  readonly received: Record<string, unknown>[] = [];
  closed: { code: number; reason: string } | null = null;
  refused: { status: number; headers: IncomingHttpHeaders; body: string } | null = null;
  /** Frames and answers received that the server's documents do not describe. */
  readonly misfits: string[] = [];
  readonly ws: WebSocket;
  readonly #documents: DocumentCheck | null;
  /** The actions that were sent with a `ref` that is a string or number. */
  readonly #said = new Map<unknown, string[]>();

  constructor(url: string, protocols: string[], headers: Record<string, string>, documents: DocumentCheck | null) {
    this.#documents = documents;
    this.ws = new WebSocket(url, protocols, { headers });
    this.ws.on('message', (data: RawData) => this.#receive(JSON.parse(String(data))));
    this.ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    this.ws.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (part) => {
        body += part;
      });
      response.on('end', () => {
        this.refused = { status: response.statusCode ?? 0, headers: response.headers, body };
        if (body !== '') this.#note(documents?.misfitOfProblem('a refused upgrade', JSON.parse(body)));
        this.ws.terminate();
      });
    });
    this.ws.on('error', () => {});
  }

  of(type: string): Record<string, unknown>[] {
    return this.received.filter((frame) => frame.type === type);
  }

  say(action: unknown): void {
    const text = typeof action === 'string' ? action : JSON.stringify(action);
    this.#remember(text);
    this.ws.send(text);
  }

  /** Waits until it has caught up, or was refused or closed. */
  async settled(): Promise<this> {
    await until(() => this.of('synced').length > 0 || this.closed !== null || this.refused !== null);
    return this;
  }

  async got(type: string, count = 1): Promise<Record<string, unknown>> {
    await until(() => this.of(type).length >= count || this.closed !== null);
    return this.of(type)[count - 1] as Record<string, unknown>;
  }

  #receive(frame: Record<string, unknown>): void {
    this.received.push(frame);
    const actions = frame.type === 'reply' ? this.#said.get(frame.ref) : [];
    this.#note(this.#documents?.misfitOfFrame(frame, actions));
  }

  #remember(text: string): void {
    const { ref, action } = readObject(text);
    if (typeof ref !== 'string' && typeof ref !== 'number') return;
    this.#said.set(ref, [...(this.#said.get(ref) ?? []), String(action)]);
  }

  #note(misfit: string | null | undefined): void {
    if (misfit) this.misfits.push(misfit);
  }
}

function readObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** A whole server on a port and file of its own. What it answers and sends is checked against its own documents, by default. */
export class RunningServer {
  tidings: Tidings;
  readonly url: string;
  readonly #options: TidingsOptions;
  readonly #folder: TempFolder;
  readonly #documents: DocumentCheck | null;
  readonly #sockets: PlainSocket[] = [];
  readonly #streams: EventReader[] = [];
  /** Frames of streams that the server's documents do not describe. */
  readonly #misfits: string[] = [];

  private constructor(
    { tidings, url, options }: { tidings: Tidings; url: string; options: TidingsOptions },
    folder: TempFolder,
    documents: DocumentCheck | null,
  ) {
    this.tidings = tidings;
    this.url = url;
    this.#options = options;
    this.#folder = folder;
    this.#documents = documents;
  }

  static async start(given: TidingsOptions = {}, { isDescribed = true } = {}): Promise<RunningServer> {
    const folder = new TempFolder();
    const options = {
      database: `sqlite:${prepared(folder.file())}`,
      // The canary takes revs, which tests count.
      health: { canary: false },
      ...given,
      auth: { jwtSecret: secret, apiKeys: [apiKey], ...given.auth },
    };
    const tidings = await createTidings(options);
    const { url } = await tidings.listen({ port: 0 });
    return new RunningServer({ tidings, url, options }, folder, isDescribed ? await DocumentCheck.of(url) : null);
  }

  /** Closes the server, and starts another on its database and port; `before` runs when that one is open, and does not listen yet. */
  async restart(before: (tidings: Tidings) => Promise<unknown>): Promise<void> {
    await this.tidings.close();
    this.tidings = await createTidings(this.#options);
    await before(this.tidings);
    await this.tidings.listen({ port: Number(new URL(this.url).port) });
  }

  open(path: string, protocols: string[] = [], headers: Record<string, string> = {}): PlainSocket {
    const socket = new PlainSocket(this.url.replace('http', 'ws') + path, protocols, headers, this.#documents);
    this.#sockets.push(socket);
    return socket;
  }

  /** A stream of events of a user; `path` may have more for the query. */
  stream(sub: string, path = '/api/v1/events', headers: Record<string, string> = {}): EventReader {
    return this.read(path, { authorization: `Bearer ${token({ sub })}`, ...headers });
  }

  /** The same with other credentials. */
  read(path: string, headers: Record<string, string>): EventReader {
    const reader = new EventReader(this.url + path, headers, (frame) => {
      const misfit = this.#documents?.misfitOfFrame(frame, []);
      if (misfit) this.#misfits.push(misfit);
    });
    this.#streams.push(reader);
    return reader;
  }

  /** A caught-up socket of a user. */
  join(sub: string, claims: object = {}, path = '/ws/'): Promise<PlainSocket> {
    return this.open(`${path}?token=${token({ sub, ...claims })}`).settled();
  }

  /** A call with the API key, or with other headers. */
  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const { status } = response;
    const answer = { status, headers: response.headers, body: /json/.test(type) ? JSON.parse(text) : text };
    const misfit = this.#documents?.misfitOfAnswer({ method, path, status, type, body: answer.body });
    if (misfit) throw new Error(`not as the documents have it: ${misfit}`);
    return answer;
  }

  /** The same as a user. */
  callAs(sub: string, method: string, path: string, body?: unknown) {
    return this.call(method, path, body, { authorization: `Bearer ${token({ sub })}` });
  }

  async stop(): Promise<void> {
    for (const { ws } of this.#sockets) ws.terminate();
    for (const stream of this.#streams) stream.cut();
    await this.tidings.close();
    this.#folder.remove();
    const misfits = new Set([...this.#misfits, ...this.#sockets.flatMap((socket) => socket.misfits)]);
    if (misfits.size > 0) throw new Error(`not as the documents have it:\n${[...misfits].join('\n')}`);
  }
}
