import { docsUrl, type ServerFrame, TidingsError } from '@tidings/protocol';
import type { FakeClock } from './fake-clock.ts';
import { InboxServer } from './inbox-server.ts';
import { type MemorySocket, memoryNetwork } from './memory-network.ts';

/** A server with one user's inbox, and a network without a network that leads to it: nothing arrives before `flush()`. */
export class InboxNetwork {
  readonly server: InboxServer;
  readonly #network: ReturnType<typeof memoryNetwork>;
  #socket: MemorySocket | null = null;
  /** On their way to the client. */
  #frames: ServerFrame[] = [];
  /** True if replies overtake the frames of what they reply to. */
  repliesFirst = false;
  /** True if a client that comes back is begun anew. */
  forgets = false;

  constructor(clock: FakeClock) {
    this.server = new InboxServer((frame) => this.#frames.push(frame), clock.now);
    this.#network = memoryNetwork((socket) => this.#accept(socket));
  }

  get WebSocket(): typeof WebSocket {
    return this.#network.WebSocket;
  }

  /** Puts frames on their way that the server says nothing of. */
  tell(...frames: ServerFrame[]): void {
    this.#frames.push(...frames);
  }

  /** Lets arrive what is on its way, in both directions. */
  async flush(): Promise<void> {
    await this.#network.settle();
    for (const frame of this.#frames.splice(0)) this.#socket?.deliver(frame);
    await this.#network.settle();
  }

  cut(): void {
    this.#frames = [];
    const socket = this.#socket;
    this.#socket = null;
    socket?.drop();
  }

  #accept(socket: MemorySocket): void {
    this.#socket = socket;
    this.#frames = [];
    socket.onAction = (action) => socket === this.#socket && this.#answer(action as never);
    const cursor = this.forgets ? null : socket.query.get('cursor');
    socket.deliver({
      ...{ type: 'connection_established', user_id: '42', username: 'amadmin', session_id: 's', roles: [] },
      ...{ cursor, recovered: cursor === socket.query.get('cursor'), server_time: '' },
      ...(cursor ? {} : { read_upto: this.server.readUpTo }),
    });
    const frames = cursor ? this.server.since(Number(cursor.split(':')[1])) : this.server.welcome();
    for (const frame of frames) socket.deliver(frame);
  }

  #answer(action: Parameters<InboxServer['act']>[0]): void {
    const at = this.#frames.length;
    const reply = this.#reply(action);
    this.#frames.splice(this.repliesFirst ? at : this.#frames.length, 0, reply);
  }

  #reply(action: Parameters<InboxServer['act']>[0]): ServerFrame {
    const { ref } = action;
    try {
      return { type: 'reply', ref, ...this.server.act(action) } as ServerFrame;
    } catch (error) {
      if (!(error instanceof TidingsError)) throw error;
      const { code, message } = error;
      return { type: 'error', ref, code, message, docs_url: docsUrl(code) };
    }
  }
}
