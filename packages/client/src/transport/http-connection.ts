import { type FrameOf, retryAfterMs, revOfCursor } from '@tidings/protocol';
import type { Patience } from './patience.ts';
import type {
  TransportAddress,
  TransportClose,
  TransportConnection,
  TransportEvents,
  TransportTraits,
} from './transport.ts';

export interface Frame {
  type: string;
  [member: string]: unknown;
}

/** Receives what one response brings. */
interface ResponseEvents {
  frame(frame: Frame): void;
  /** Some bytes came. */
  alive(): void;
}

/** A way of the server to send frames in responses. */
export interface FrameSource {
  /** Below `api/v1/`. */
  path: string;
  /** The name of the session in rooms, which goes on from one connection to the next. */
  session: string;
  /** The members of its address; those of the first request of a connection are answered at once. */
  query(isFirst: boolean): Record<string, string>;
  traits: TransportTraits;
  /** Learns from the connections that are cut. */
  patience: Patience;
  /** Reads a response to its end. @returns how the server closed the connection; null where the next request goes on with it */
  read(response: Response, events: ResponseEvents): Promise<TransportClose | null>;
}

/** The members that name a task or a room, and tell of a room that it is followed unseen. */
interface Named {
  task_id?: string;
  room?: string;
  presence?: boolean;
}

/** A name for a session, which no other of the same user has. */
export const sessionName = (): string => Math.random().toString(36).slice(2, 14);

/** The topic of a task or room as an address names it; empty without one. */
const topicOf = ({ task_id, room }: Named): string => (task_id ? `task:${task_id}` : room ? `room:${room}` : '');

/** A request to follow a task or a room, which the next response answers. */
interface Addition {
  /** Of each action that asks for it. */
  refs: unknown[];
  /** True once `subscribed` came. */
  isThere: boolean;
}

const listed = (text = ''): Set<string> => new Set(text.split(',').filter(Boolean));

export const cut: TransportClose = { code: 1006, reason: '' };
/** Time limit of an action, and the time for which changes of what is followed are gathered, in milliseconds. */
const actionMs = 10_000;
const gatherMs = 10;
/** The least time from one request for frames to the next, in milliseconds: each counts as work of the user. */
const betweenMs = 150;
/** The time for which a server refuses all actions after it refused one as too many, at least, in milliseconds. */
const refusedMs = 1_000;
/** The members of an address that are not for actions. */
const ofConnections = ['cursor', 'topics', 'subscribe', 'unseen', 'logs', 'replay', 'max_frame'];

/**
 * A connection that is made of requests: frames come in the responses to some, and each action is a request of its own. Requests that follow
 * each other are one connection, as its client sees it.
 */
export class HttpConnection implements TransportConnection {
  readonly traits: TransportTraits;
  readonly #address: TransportAddress;
  readonly #events: TransportEvents;
  readonly #source: FrameSource;
  readonly #fetch: typeof fetch;
  readonly #init: { headers: Record<string, string>; credentials: RequestCredentials; cache: RequestCache };
  #request = new AbortController();
  #isClosed = false;
  /** The request is ended by us, for another one. */
  #isRenewed = false;
  /** The user who was greeted. */
  #userId: unknown;
  /** True once its client has caught up, which a client far behind has not with the first response. */
  #isSynced = false;
  #cursor: string | undefined;
  /** Topics that the cursor vouches for. */
  readonly #topics: Set<string>;
  readonly #added = new Map<string, Addition>();
  /** Rooms that are followed unseen. */
  readonly #unseen: Set<string>;
  /** The logs that are followed, by task, each with the last entry that came. */
  readonly #logs = new Map<string, number>();
  /** Actions, one after the other. */
  #actions: Promise<void> = Promise.resolve();
  /** The refusal of an action past a limit of the server, and until when it is the answer to others, in milliseconds since 1970. */
  #refusal = { error: {}, until: 0 };
  #silence: ReturnType<typeof setTimeout> | undefined;
  /** The time of the last sign of life, in milliseconds since 1970. */
  #aliveAt = 0;
  #renewal: ReturnType<typeof setTimeout> | undefined;

  constructor(address: TransportAddress, events: TransportEvents, source: FrameSource, fetch: typeof globalThis.fetch) {
    this.traits = source.traits;
    this.#address = address;
    this.#events = events;
    this.#source = source;
    // Browsers refuse to have it called as a method.
    this.#fetch = (input, init) => fetch(input, init);
    const { token, query } = address;
    if (/[^\x21-\x7e]/.test(token)) throw new TypeError('the token has characters that no header can have');
    this.#init = {
      headers: token ? { authorization: `Bearer ${token}` } : {},
      credentials: token ? 'omit' : 'include',
      cache: 'no-store',
    };
    this.#cursor = query.cursor;
    this.#topics = listed(query.topics);
    this.#unseen = listed(query.unseen);
    void this.#run();
  }

  send(text: string): void {
    const action = JSON.parse(text) as Named & {
      action: string;
      ref?: unknown;
      up_to?: number;
      session?: string;
      log_after?: number;
    };
    const { action: name, ref, presence } = action;
    const topic = topicOf(action);
    if (name === 'subscribe' && topic.includes(',')) {
      const message = `a list in the address names what to follow here, and ${topic} has a comma; use a WebSocket`;
      this.#deliver({ type: 'error', ref, code: 'bad_request', message });
    } else if (name === 'subscribe' && topic) {
      if (presence === false) this.#unseen.add(topic);
      else this.#unseen.delete(topic);
      if (action.task_id && action.log_after !== undefined) this.#logs.set(action.task_id, action.log_after);
      this.#added.set(topic, { refs: [...(this.#added.get(topic)?.refs ?? []), ref], isThere: false });
      this.#renewSoon();
    } else if (name === 'unsubscribe' && topic) {
      this.#topics.delete(topic);
      this.#added.delete(topic);
      this.#logs.delete(action.task_id ?? '');
      this.#reply(ref);
      this.#renewSoon();
    } else {
      // On a connection the default is what was sent there.
      if (name === 'presence') action.session = this.#source.session;
      if (name === 'mark_all_read') action.up_to ??= Math.max(0, revOfCursor(this.#cursor ?? null));
      this.#actions = this.#actions.then(() => this.#act(JSON.stringify(action), ref));
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#silence);
    clearTimeout(this.#renewal);
    this.#request.abort();
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      this.#isRenewed = false;
      this.#request = new AbortController();
      const begun = Date.now();
      const close = await this.#ask().catch(() => cut);
      if (this.#isRenewed) continue;
      if (close === cut && !this.#isClosed) this.#source.patience.noteCut(Date.now() - this.#aliveAt);
      if (close) this.#end(close);
      else this.#settle();
      const early = begun + betweenMs - Date.now();
      if (early > 0 && !this.#isClosed) await new Promise((resolve) => setTimeout(resolve, early));
    }
  }

  async #ask(): Promise<TransportClose | null> {
    this.#alive();
    const response = await this.#fetch(this.#url(), { ...this.#init, signal: this.#request.signal });
    if (!response.ok) return closeOf(response);
    return this.#source.read(response, { frame: (frame) => this.#receive(frame), alive: () => this.#alive() });
  }

  #url(): URL {
    const { url, query } = this.#address;
    const members = {
      ...{ ...query, ...this.#source.query(this.#userId === undefined) },
      ...(this.#cursor && { cursor: this.#cursor }),
      session: this.#source.session,
      topics: [...this.#topics].join(),
      subscribe: [...this.#added.keys()].join(),
      unseen: [...this.#unseen].join(),
      ...(this.#logs.size > 0 && { logs: [...this.#logs].map(([id, seq]) => `${id}@${seq}`).join() }),
    };
    return new URL(`api/v1/${this.#source.path}?${new URLSearchParams(members)}`, url);
  }

  /** Hands a frame on; greetings and replays of a session that goes on are none for the client, which knows of one connection. */
  #receive(frame: Frame): void {
    if (this.#isClosed || this.#isRenewed) return;
    if (typeof frame.cursor === 'string') this.#cursor = frame.cursor;
    if (frame.type === 'connection_established') {
      const isResumed = frame.user_id === this.#userId && frame.recovered === true;
      this.#userId = frame.user_id;
      if (isResumed) return;
      // Its client begins anew, and subscribes again.
      this.#isSynced = false;
      if (!frame.cursor) this.#topics.clear();
    }
    if (this.#isSynced && frame.replayed && !frame.snapshot) delete frame.replayed;
    if (frame.type === 'synced') {
      if (this.#isSynced) frame.type = 'unread_count';
      this.#isSynced = true;
    }
    if (frame.type === 'task_log') this.#noteLog(frame as unknown as FrameOf<'task_log'>);
    if (frame.type === 'subscribed') this.#noteSubscribed(topicOf(frame as Named));
    if (frame.type === 'unsubscribed' && this.#noteEnded(frame)) return;
    this.#deliver(frame);
    if (frame.type === 'ping') this.#settle();
    if (frame.type === 'error' && frame.ref === undefined) this.#refuse(frame);
  }

  #noteLog({ task_id, entries }: FrameOf<'task_log'>): void {
    if (this.#logs.has(task_id)) this.#logs.set(task_id, entries.at(-1)?.seq ?? 0);
  }

  #noteSubscribed(topic: string): void {
    const addition = this.#added.get(topic);
    if (addition) addition.isThere = true;
  }

  /** The server ends a subscription. @returns true where it was asked for and did not begin: then the action is answered by an error */
  #noteEnded({ code, reason, ...named }: Frame): boolean {
    const topic = topicOf(named as Named);
    this.#topics.delete(topic);
    const addition = this.#added.get(topic);
    if (!addition) return false;
    this.#added.delete(topic);
    for (const ref of addition.refs) {
      if (addition.isThere) this.#reply(ref);
      else this.#deliver({ type: 'error', ref, code, message: reason });
    }
    return !addition.isThere;
  }

  /** All that there is of the topics that were subscribed to has come: the next cursor vouches for them. */
  #settle(): void {
    for (const [topic, { refs, isThere }] of this.#added) {
      if (!isThere) continue;
      this.#added.delete(topic);
      this.#topics.add(topic);
      for (const ref of refs) this.#reply(ref);
    }
  }

  /** Topics could not be subscribed to. */
  #refuse(error: Frame): void {
    for (const [topic, { refs, isThere }] of this.#added) {
      if (isThere) continue;
      this.#added.delete(topic);
      this.#topics.delete(topic);
      for (const ref of refs) if (ref !== undefined) this.#deliver({ ...error, ref });
    }
  }

  #reply(ref: unknown): void {
    if (ref !== undefined) this.#deliver({ type: 'reply', ref });
  }

  #deliver(frame: Frame): void {
    if (!this.#isClosed) this.#events.receive(JSON.stringify(frame));
  }

  /** Asks anew, with other topics. */
  #renewSoon(): void {
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => {
      this.#isRenewed = true;
      this.#request.abort();
    }, gatherMs);
  }

  #alive(): void {
    clearTimeout(this.#silence);
    this.#aliveAt = Date.now();
    const request = this.#request;
    this.#silence = setTimeout(() => request.abort(), this.traits.silenceMs);
  }

  /** Runs an action. Those behind one that is past a limit of the server are refused with it, as on a socket, so that they keep their order. */
  async #act(body: string, ref: unknown): Promise<void> {
    if (this.#isClosed) return;
    if (Date.now() < this.#refusal.until) {
      this.#deliver({ type: 'error', ref, ...this.#refusal.error });
      return;
    }
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), actionMs);
    try {
      const { headers, ...init } = this.#init;
      const response = await this.#fetch(this.#actionUrl(), {
        ...{ ...init, method: 'POST', body, signal: limit.signal },
        headers: { ...headers, 'content-type': 'application/json' },
      });
      const answer = (await response.json()) as Frame;
      const { code, message, docs_url } = answer;
      const error = { code, message, docs_url };
      const retry_after_ms = waitMsOf(response);
      if (response.status === 429 && retry_after_ms > 0) {
        this.#refusal = { error: { ...error, retry_after_ms }, until: Date.now() + refusedMs };
        return this.#act(body, ref);
      }
      this.#deliver(response.ok ? answer : { type: 'error', ref, ...error });
    } catch {
      this.#end(cut);
    } finally {
      clearTimeout(timer);
    }
  }

  #actionUrl(): URL {
    const { url, query } = this.#address;
    const members = Object.entries(query).filter(([name]) => !ofConnections.includes(name));
    return new URL(`api/v1/actions?${new URLSearchParams(members)}`, url);
  }

  #end(close: TransportClose): void {
    if (this.#isClosed) return;
    this.close();
    this.#events.closed(close);
  }
}

/** The close code that says the same as the status of a refusal. */
const codes: Record<number, number> = { 400: 4400, 401: 4401, 403: 4403, 429: 4409, 503: 1013 };

async function closeOf(response: Response): Promise<TransportClose> {
  const body = (await response.json().catch(() => null)) as {
    code?: string;
    message?: string;
    retry_after_ms?: number;
  } | null;
  // A refusal of a server that is not ours says nothing of the user.
  if (!body?.code) return cut;
  // Connections in a short time are told when to come again, unlike connections at once.
  const isTooFast = response.status === 429 && body.retry_after_ms !== undefined;
  const code = isTooFast ? 4429 : (codes[response.status] ?? cut.code);
  const waitMs = waitMsOf(response);
  // Spread, so that many clients do not come back at once.
  const retry_after_ms = Math.round(waitMs * (1 + Math.random()));
  return { code, reason: waitMs > 0 ? JSON.stringify({ retry_after_ms }) : (body.message ?? '') };
}

/** The time that a server asks to wait for, in milliseconds; 0 for none. */
const waitMsOf = ({ headers }: Response): number => retryAfterMs(headers.get('retry-after'), Date.now());
