import type { RunningServer } from './running-server.ts';

export type Frame = Record<string, unknown>;

/** One connection of a client, by any transport: what has come on it, and its end by the close codes. */
export interface FrameReader {
  readonly frames: readonly Frame[];
  readonly end: { code: number } | null;
  /** Sends an action: on the connection, or over HTTP to a server. */
  act(action: object, server: RunningServer): Promise<unknown>;
  /** Ends it without a word, as a network does. */
  cut(): void;
}

/** A way to reach a server. */
export interface ClientTransport {
  name: string;
  /** @param query as `cursor` and `topics` */
  open(server: RunningServer, token: string, query: Record<string, string>): FrameReader;
}

/** The name of the session in rooms, over HTTP. */
const session = 'tab1';

/** Sends an action by a request of its own. */
const post =
  (token: string): FrameReader['act'] =>
  (action, server) =>
    server.call('POST', '/api/v1/actions', { ...action, session }, bearer(token));

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const webSocket: ClientTransport = {
  name: 'WebSocket',
  open(server, token, query) {
    const socket = server.open(`/ws/?${new URLSearchParams(query)}`, [], bearer(token));
    return {
      frames: socket.received,
      get end() {
        return socket.refused ? { code: codes[socket.refused.status] ?? 1006 } : socket.closed;
      },
      act: async (action) => socket.say(action),
      cut: () => socket.ws.terminate(),
    };
  },
};

const eventStream: ClientTransport = {
  name: 'Server-Sent Events',
  open(server, token, { cursor, ...query }) {
    const path = `/api/v1/events?${new URLSearchParams({ ...query, session })}`;
    const stream = server.read(path, { ...bearer(token), 'last-event-id': cursor ?? '' });
    return {
      frames: stream.frames,
      get end() {
        if (!stream.isOver) return null;
        return stream.closed ?? { code: codes[stream.head?.status ?? 0] ?? 1006 };
      },
      act: post(token),
      cut: () => stream.cut(),
    };
  },
};

/** The close code that says the same as the status of a refused request. */
const codes: Record<number, number> = { 400: 4400, 401: 4401, 403: 4403, 429: 4409, 503: 1013 };

/** Polls until it is refused or cut, each time from the cursor, and the entry of a log, that came last. */
class PollReader implements FrameReader {
  readonly frames: Frame[] = [];
  end: { code: number } | null = null;
  readonly act: FrameReader['act'];
  readonly #cut = new AbortController();

  constructor(url: string, token: string, query: Record<string, string>) {
    this.act = post(token);
    void this.#run(url, token, { ...query, session });
  }

  cut(): void {
    this.#cut.abort();
  }

  async #run(url: string, token: string, query: Record<string, string>): Promise<void> {
    const options = { headers: bearer(token), signal: this.#cut.signal };
    try {
      for (;;) {
        const response = await fetch(`${url}/api/v1/sync?${new URLSearchParams(query)}`, options);
        if (response.status !== 200) {
          this.end = { code: codes[response.status] ?? 1006 };
          return;
        }
        for (const frame of (await response.json()) as Frame[]) {
          this.frames.push(frame);
          if (frame.cursor) query.cursor = frame.cursor as string;
          if (frame.type === 'subscribed') {
            // From now on the cursor vouches for it.
            query.topics = [query.topics, query.subscribe].filter(Boolean).join();
            delete query.subscribe;
          }
          if (frame.type === 'task_log') {
            query.logs = `${frame.task_id}@${(frame.entries as { seq: number }[]).at(-1)?.seq}`;
          }
        }
      }
    } catch {
      this.end = { code: 1006 };
    }
  }
}

const longPolling: ClientTransport = {
  name: 'long polling',
  open: (server, token, query) => new PollReader(server.url, token, query),
};

export const clientTransports: readonly ClientTransport[] = [webSocket, eventStream, longPolling];

/** A client that does what PROTOCOL.md asks of one: keeps the last cursor, and drops what it has. */
export class ResumingClient {
  /** The records that it has applied, in the order in which they came. */
  readonly records: Frame[] = [];
  /** First frames of its connections, and of its polls. */
  readonly greetings: Frame[] = [];
  cursor: string | null = null;
  #reader: FrameReader | null = null;
  #read = 0;
  readonly #held = new Map<string, number>();

  /** Connects, or comes back with its cursor. */
  connect(transport: ClientTransport, server: RunningServer, token: string, query: Record<string, string> = {}): void {
    this.take();
    this.#reader?.cut();
    this.#read = 0;
    this.#reader = transport.open(server, token, this.cursor === null ? query : { ...query, cursor: this.cursor });
  }

  cut(): void {
    this.take();
    this.#reader?.cut();
  }

  async act(action: object, server: RunningServer): Promise<void> {
    await this.#reader?.act(action, server);
  }

  get end(): { code: number } | null {
    return this.#reader?.end ?? null;
  }

  /** Applies what has come since the last time. */
  take(): this {
    const { frames = [] } = this.#reader ?? {};
    for (; this.#read < frames.length; this.#read++) this.#apply(frames[this.#read] as Frame);
    return this;
  }

  of(type: string): Frame[] {
    return this.take().records.filter((frame) => frame.type === type);
  }

  /** The other frames of its present connection. */
  has(type: string): boolean {
    this.take();
    return (this.#reader?.frames ?? []).some((frame) => frame.type === type);
  }

  #apply(frame: Frame): void {
    if (frame.type === 'connection_established') this.greetings.push(frame);
    if (frame.recovered === false) {
      this.records.length = 0;
      this.#held.clear();
    }
    this.cursor = (frame.cursor as string | undefined) ?? this.cursor;
    if (frame.rev === undefined) return;
    const { id, rev } = frame as { id: string; rev: number };
    if (rev <= (this.#held.get(id) ?? 0)) return;
    this.#held.set(id, rev);
    this.records.push(frame);
  }
}
