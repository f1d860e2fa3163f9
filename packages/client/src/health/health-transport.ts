import { parseFrame } from '@tidings/protocol';
import type { Settings } from '../options.ts';
import type { ClientUser } from '../state.ts';
import { fallbackTransport } from '../transport/fallback.ts';
import type {
  Transport,
  TransportAddress,
  TransportClose,
  TransportConnection,
  TransportEvents,
} from '../transport/transport.ts';
import { webSocketTransport } from '../transport/websocket.ts';

/** The server sends at least every 5 s, and waits for its other nodes for 2 s: so long a silence is none, ms. */
const silenceMs = 20_000;
/** Time between two questions by HTTP, and the time limit of each, ms. */
const askEveryMs = 5_000;
const askLimitMs = 8_000;
/** The frame after which a client counts as connected: nothing is caught up with here. */
const synced = '{"type":"synced"}';
/** The close codes of refusals by HTTP. */
const refusals: Record<number, number> = { 401: 4401, 403: 4403 };

/** Brings the frames of `/ws/system-health/`, and what is asked by HTTP where no WebSocket gets through. */
export const healthTransport = (settings: Settings, user: () => ClientUser | null): Transport =>
  fallbackTransport({
    transports: [
      socketTransport(settings),
      { name: 'HTTP', connect: (address, events) => new HttpPolling(settings, address, user(), events) },
    ],
  });

function socketTransport(settings: Settings): Transport {
  const webSocket = webSocketTransport(settings, 'ws/system-health/');
  return {
    name: webSocket.name,
    connect(address, { receive, closed }) {
      let isFirst = true;
      const link = webSocket.connect(address, {
        closed,
        receive(text) {
          receive(text);
          if (!isFirst || parseFrame(text)?.type !== 'system_health') return;
          isFirst = false;
          receive(synced);
        },
      });
      return { traits: { silenceMs }, send: (text) => link.send(text), close: () => link.close() };
    },
  };
}

/** Asks `GET /api/v1/health` at intervals, and passes its answers on as frames. */
class HttpPolling implements TransportConnection {
  readonly traits = { silenceMs };
  readonly #settings: Settings;
  readonly #address: TransportAddress;
  readonly #user: ClientUser | null;
  readonly #events: TransportEvents;
  readonly #abort = new AbortController();
  #cancel = () => {};
  #isFirst = true;
  #isUnderWay = false;

  constructor(settings: Settings, address: TransportAddress, user: ClientUser | null, events: TransportEvents) {
    this.#settings = settings;
    this.#address = address;
    this.#user = user;
    this.#events = events;
    void this.#ask();
  }

  /** Any action is a sign of life that the client wants. */
  send(): void {
    void this.#ask();
  }

  close(): void {
    this.#abort.abort();
    this.#cancel();
  }

  async #ask(): Promise<void> {
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    this.#cancel();
    const answer = await this.#fetch();
    this.#isUnderWay = false;
    if (this.#abort.signal.aborted) return;
    if ('code' in answer) return this.#events.closed(answer);
    const { receive } = this.#events;
    if (this.#isFirst) receive(this.#greeting(answer.at));
    receive(JSON.stringify({ type: 'system_health', ...answer }));
    if (this.#isFirst) receive(synced);
    this.#isFirst = false;
    this.#cancel = this.#settings.clock.after(askEveryMs, () => void this.#ask());
  }

  #greeting(server_time: string): string {
    const { id: user_id, username, roles } = this.#user ?? { id: '', username: '', roles: [] };
    return JSON.stringify({ type: 'connection_established', user_id, username, roles, server_time });
  }

  async #fetch(): Promise<{ at: string } | TransportClose> {
    const { url, token, query } = this.#address;
    const { fetch = globalThis.fetch, clock } = this.#settings;
    const limit = new AbortController();
    const end = () => limit.abort();
    const cancel = clock.after(askLimitMs, end);
    this.#abort.signal.addEventListener('abort', end);
    const init: RequestInit = token
      ? { headers: { authorization: `Bearer ${token}` }, credentials: 'omit' }
      : { credentials: 'include' };
    try {
      const from = new URL(`api/v1/health?${new URLSearchParams(query)}`, url);
      const response = await fetch(from, { ...init, cache: 'no-store', signal: limit.signal });
      const body = await response.json();
      if (response.ok && typeof body?.at === 'string') return body;
      return { code: refusals[response.status] ?? 1006, reason: String(body?.message ?? '') };
    } catch {
      return { code: 1006, reason: '' };
    } finally {
      cancel();
      this.#abort.signal.removeEventListener('abort', end);
    }
  }
}
