import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Choices, newSeed } from './choices.ts';

/** Faults of the network that never end. Times in ms. */
export interface Faults {
  /** Each piece waits this long at most; pieces stay in order. */
  jitter: number;
  /** Pieces are cut to this many bytes at most; of what is large, to more. */
  slice: number;
}

interface Line {
  client: Socket;
  server: Socket;
  /** Since then nothing gets through either way, and nobody is told; null while it lives. ms */
  deadSince: number | null;
  /** The newest that the client sent. */
  asked: string;
  kind: Kind | null;
  /** True once its death was noted at the client's end. */
  isClientNoted: boolean;
}

const kinds = {
  WebSocket: /upgrade: websocket/i,
  'event stream': /^GET \/api\/v1\/events/,
};
type Kind = keyof typeof kinds;

/** One end of a connection that died unnoticed. */
export interface Notice {
  kind: Kind;
  end: 'client' | 'server';
  /** From its death until this end closed it, or until the network came back, which told it. ms */
  after: number;
  /** False for one that the network told. */
  isOwn: boolean;
}

/** A TCP proxy before a server, which slices, delays, resets, holds back, and lets connections die unnoticed. */
export class FaultProxy {
  readonly #server: Server;
  readonly #lines = new Set<Line>();
  readonly #faults: Faults;
  readonly #choices: Choices;
  /** True if new connections are dead from the start. */
  #isDark = false;
  #refused: RegExp | null = null;
  #swallowed: (() => void) | null = null;
  /** Of each connection that died unnoticed, what its ends made of it. */
  readonly notices: Notice[] = [];

  private constructor(server: Server, faults: Faults, choices: Choices) {
    this.#server = server;
    this.#faults = faults;
    this.#choices = choices;
  }

  static async before(port: number, faults: Faults, choices = new Choices(newSeed())): Promise<FaultProxy> {
    const server = createServer();
    const proxy = new FaultProxy(server, faults, choices);
    server.on('connection', (client) => proxy.#accept(client, port));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** The newest that came on each connection from its client. */
  get requests(): string[] {
    return [...this.#lines].map(({ asked }) => asked);
  }

  /** Resets one of the connections, whichever: both ends hear of it, and lose what is on its way. */
  reset(): void {
    const line = this.#any();
    if (line) this.#cut(line);
  }

  /** Lets one of the connections die unnoticed. Returns what brings the network back, which then resets it. */
  halfOpen(): () => void {
    const line = this.#any();
    if (!line) return () => {};
    die(line);
    return () => this.#cut(line);
  }

  /** Lets all connections die unnoticed, and those that come. Returns what brings the network back, which then resets them. */
  goDark(): () => void {
    const end = this.holdAll();
    return () => {
      end();
      this.resetAll();
    };
  }

  /**
   * Lets all connections die unnoticed, and those that come, as a proxy does that tells nobody of a dead server. Returns what lets later ones
   * live: those that are dead stay open.
   */
  holdAll(): () => void {
    this.#isDark = true;
    for (const line of this.#lines) die(line);
    return () => {
      this.#isDark = false;
    };
  }

  /** Takes nothing from the server on one of the connections, as a client does that has stopped. Returns what ends that. */
  hold(): () => void {
    const line = this.#any();
    line?.server.pause();
    return () => line?.server.resume();
  }

  /** Cuts the connections on which this is asked for, and those that ask for it later. Returns what ends that. */
  refuse(asked: RegExp): () => void {
    this.#refused = asked;
    for (const line of this.#lines) if (asked.test(line.asked)) this.#cut(line);
    return () => {
      this.#refused = null;
    };
  }

  /** Keeps the next answer of the server from its client, whose connection dies unnoticed; resolves when the server has given it. */
  swallowAnswer(): Promise<void> {
    return new Promise((resolve) => {
      this.#swallowed = resolve;
    });
  }

  /** Resets every connection. */
  resetAll(): void {
    for (const line of this.#lines) this.#cut(line);
  }

  async stop(): Promise<void> {
    this.resetAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #any(): Line | undefined {
    return this.#lines.size === 0 ? undefined : this.#choices.pick([...this.#lines]);
  }

  #accept(client: Socket, port: number): void {
    const server = connect(port, '127.0.0.1');
    const line: Line = { client, server, deadSince: null, asked: '', kind: null, isClientNoted: false };
    if (this.#isDark) die(line);
    this.#lines.add(line);
    client.on('data', (bytes) => {
      line.asked = bytes.toString('latin1');
      line.kind ??= kindOf(line.asked);
      // Node's WebSocket leaves the connection open, since nobody answers this.
      if (line.kind === 'WebSocket' && isCloseFrame(bytes)) this.#note(line, client, true);
      if (this.#refused?.test(line.asked)) this.#cut(line);
    });
    line.server.on('data', () => {
      if (!this.#swallowed) return;
      die(line);
      this.#swallowed();
      this.#swallowed = null;
    });
    this.#carry(line, client, line.server);
    this.#carry(line, line.server, client);
  }

  #carry(line: Line, from: Socket, to: Socket): void {
    let before = Promise.resolve();
    const next = (act: () => void) => {
      before = before
        .then(() => pause((this.#choices.below(1_000) / 1_000) * this.#faults.jitter))
        .then(() => {
          if (line.deadSince === null) act();
        });
    };
    from.setNoDelay(true);
    from.on('error', () => {});
    from.on('data', (bytes) => {
      const slice = Math.max(this.#faults.slice, bytes.length / 4);
      for (let at = 0; at < bytes.length; ) {
        const length = 1 + this.#choices.below(slice);
        const piece = bytes.subarray(at, at + length);
        next(() => to.writable && to.write(piece));
        at += length;
      }
    });
    from.on('close', () => {
      if (this.#lines.has(line)) this.#note(line, from, true);
      next(() => this.#cut(line));
    });
  }

  #note(line: Line, socket: Socket, isOwn: boolean): void {
    const { client, deadSince, kind } = line;
    if (deadSince === null || kind === null) return;
    const end = socket === client ? 'client' : 'server';
    if (end === 'client') {
      if (line.isClientNoted) return;
      line.isClientNoted = true;
    }
    this.notices.push({ kind, end, after: performance.now() - deadSince, isOwn });
  }

  #cut(line: Line): void {
    if (!this.#lines.delete(line)) return;
    for (const end of [line.client, line.server]) if (!end.destroyed) this.#note(line, end, false);
    line.client.resetAndDestroy();
    line.server.resetAndDestroy();
  }
}

function die(line: Line): void {
  line.deadSince ??= performance.now();
}

/** True for bytes that begin with the frame by which a WebSocket is closed (RFC 6455, 5.5.1). */
const isCloseFrame = (bytes: Buffer): boolean => ((bytes[0] as number) & 0x0f) === 8;

function kindOf(asked: string): Kind | null {
  for (const [kind, pattern] of Object.entries(kinds)) if (pattern.test(asked)) return kind as Kind;
  return null;
}
