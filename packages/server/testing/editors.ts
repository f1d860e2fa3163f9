import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import type { RunningServer } from './running-server.ts';
import { token } from './tokens.ts';
import { until } from './world.ts';

export interface EditorOptions {
  /** The rights in the document. Default `rw`. */
  access?: 'r' | 'rw' | 'none';
  /** More of the token. */
  claims?: object;
  /** More of the query. */
  params?: Record<string, string>;
  doc?: Y.Doc;
}

/** An unmodified provider of y-websocket with its document: what an editor such as TipTap or CodeMirror stands on. */
export class Editor {
  readonly doc: Y.Doc;
  readonly provider: WebsocketProvider;
  /** The codes and reasons of closes, in order. */
  readonly closes: { code: number; reason: string }[] = [];
  /** Text messages that came, which no provider expects. */
  readonly texts: string[] = [];
  /** The number of messages that came. */
  messages = 0;

  constructor(server: Pick<RunningServer, 'url'>, room: string, user: string, options: EditorOptions = {}) {
    const { access = 'rw', claims = {}, params = {}, doc = new Y.Doc() } = options;
    this.doc = doc;
    const grants = access === 'none' ? [] : [`collaboration:${room}:${access}`];
    const jwt = token({ sub: user, grants, ...claims });
    const url = `${server.url.replace('http', 'ws')}/ws/collaboration`;
    this.provider = new WebsocketProvider(url, encodeURIComponent(room), doc, {
      params: { token: jwt, ...params },
      disableBc: true,
    });
    this.provider.on('connection-close', (event) => {
      if (event) this.closes.push({ code: event.code, reason: event.reason });
    });
    this.#listen();
  }

  get text(): string {
    return this.doc.getText('t').toString();
  }

  type(text: string): void {
    const shared = this.doc.getText('t');
    shared.insert(shared.length, text);
  }

  /** The states of the other clients, by their ids. */
  get others(): Map<number, unknown> {
    const states = new Map<number, unknown>(this.provider.awareness.getStates());
    states.delete(this.doc.clientID);
    return states;
  }

  async synced(): Promise<this> {
    await until(() => this.provider.synced || this.closes.length > 0);
    return this;
  }

  /** Leaves, and ends its timers. */
  destroy(): void {
    this.provider.destroy();
    this.doc.destroy();
  }

  #listen(): void {
    const seen = new WeakSet<object>();
    const listen = (): void => {
      const { ws } = this.provider;
      if (!ws || seen.has(ws)) return;
      seen.add(ws);
      ws.addEventListener('message', ({ data }) => {
        this.messages++;
        if (typeof data === 'string') this.texts.push(data);
      });
    };
    this.provider.on('status', listen);
    listen();
  }
}
