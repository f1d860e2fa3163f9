import { setTimeout as pause } from 'node:timers/promises';
import {
  eventStreamTransport,
  fallbackTransport,
  longPollTransport,
  type Transport,
  webSocketTransport,
} from '@tidings/client/transports';
import { createSender } from '@tidings/sender';
import type { ServerProcess } from '../server-process.ts';
import { within } from '../until.ts';
import type { Choices } from './choices.ts';
import { DocumentPart } from './document-part.ts';
import { FaultProxy } from './fault-proxy.ts';
import { anyAudience, Oracle, type Person } from './oracle.ts';
import type { Part } from './part.ts';
import { PresencePart } from './presence-part.ts';
import { RoomPart } from './room-part.ts';
import type { Servers } from './worlds.ts';

interface Setting {
  servers: readonly ServerProcess[];
  crash: Servers['crash'];
  cut: Servers['cut'];
  choices: Choices;
  people: number;
  /** True if faults last as long as in practice; else some seconds. */
  isLong: boolean;
}

/** The ways to the server, which people take in turn; of the fourth kind each finds its own. */
const ways: readonly (() => Transport | undefined)[] = [
  () => webSocketTransport(),
  () => eventStreamTransport(),
  () => longPollTransport(),
  () => fallbackTransport(),
];

/** Servers under load behind a poor network: a sender, and people on all transports, whom the oracle watches. */
export class Stage {
  readonly servers: readonly ServerProcess[];
  readonly crash: Servers['crash'];
  readonly cut: Servers['cut'];
  readonly choices: Choices;
  /** True if faults last as long as in practice; else some seconds. */
  isLong: boolean;
  readonly oracle: Oracle;
  /** Rooms, presence and documents, beside the notifications. */
  readonly parts: readonly Part[];
  /** The network before each server, for its clients. */
  readonly toClients: readonly FaultProxy[];
  /** The network between the sender and the first server. */
  readonly toSender: FaultProxy;
  readonly #people: number;
  readonly #waits = new Set<() => string>();

  private constructor(setting: Setting, network: { toClients: FaultProxy[]; toSender: FaultProxy }) {
    this.servers = setting.servers;
    this.crash = setting.crash;
    this.cut = setting.cut;
    this.choices = setting.choices;
    this.isLong = setting.isLong;
    this.#people = setting.people;
    this.toClients = network.toClients;
    this.toSender = network.toSender;
    const [first] = setting.servers as [ServerProcess];
    const sender = createSender({
      ...{ url: this.toSender.url, apiKey: first.apiKey, timeoutMs: 120_000 },
      retry: { attemptTimeoutMs: 5_000 },
      logger: { warn() {}, error() {} } as never,
    });
    this.oracle = new Oracle(sender);
    const ground = {
      urls: this.toClients.map(({ url }) => url),
      token: (sub: string, grants: readonly string[]) => first.token(sub, [], grants),
      ...{ sender, choices: this.choices, people: this.oracle.people },
    };
    this.parts = [new RoomPart(ground), new PresencePart(ground), new DocumentPart(ground)];
  }

  static async open(setting: Setting): Promise<Stage> {
    const { servers, choices, people } = setting;
    const before = (port: number, slice: number) => FaultProxy.before(port, { jitter: 2, slice }, choices);
    const toClients = await Promise.all(servers.map(({ port }) => before(port, 400)));
    const [first] = servers as [ServerProcess];
    const stage = new Stage(setting, { toClients, toSender: await before(first.port, 2_000) });
    const connecting = stage.oracle.connect(people, {
      urls: toClients.map(({ url }) => url),
      token: (id, role) => first.token(id, [role], ['project:all:rw', 'project:some:rw']),
      transport: (n) => ways[n % ways.length]?.(),
    });
    try {
      await within(180_000, () => `everyone to be connected: ${stage.oracle.missing}`, connecting);
      for (const part of stage.parts) await part.open();
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  /** Resolves as what is awaited does, which is said where a time limit ends that. */
  async waiting<T>(what: string | (() => string), awaited: T): Promise<Awaited<T>> {
    const say = typeof what === 'string' ? () => what : what;
    this.#waits.add(say);
    try {
      return await awaited;
    } finally {
      this.#waits.delete(say);
    }
  }

  /** All that is waited for now. */
  get waits(): string {
    return [...this.#waits].map((say) => say()).join('; ') || 'time to pass';
  }

  async startAgain(server: ServerProcess): Promise<void> {
    await this.waiting(`the server on port ${server.port} to be ready`, server.start());
  }

  /** Resolves when all that was sent was answered. */
  async answered(): Promise<void> {
    await this.waiting(() => `${this.oracle.waiting} answers to the sender`, this.oracle.answered());
  }

  /** Connects people who left; resolves when they have caught up. */
  async connected(people: readonly Person[]): Promise<void> {
    const connecting = Promise.all(people.map(({ client }) => client.connect()));
    await this.waiting(() => `people to be connected: ${this.oracle.missing}`, connecting);
  }

  /** Resolves when a message that is sent now was seen by all. */
  async allBack(): Promise<void> {
    const waiting = () => `everyone to see a message: ${this.oracle.waiting} are not answered; ${this.oracle.missing}`;
    await this.waiting(waiting, this.oracle.seenByAll());
  }

  /** A time: so many ms where faults are short, or long. */
  ms(short: number, long: number): number {
    return this.isLong ? long : short;
  }

  /** Sends to all kinds of audiences until the work is done. */
  async underLoad(work: () => Promise<void>): Promise<void> {
    let isOver = false;
    const publishing = (async () => {
      while (!isOver) {
        for (let n = 0; n < 3 && this.oracle.waiting < 300; n++) this.send();
        for (const part of this.parts) part.tick();
        await pause(30);
      }
    })();
    try {
      await work();
    } finally {
      isOver = true;
      await publishing;
    }
  }

  /** One message. */
  send(): void {
    void this.oracle.send(anyAudience(this.choices, this.#people));
  }

  async close(): Promise<void> {
    for (const part of this.parts) await part.close();
    // A sender that waits for a server in vain is left: this is the end of what was judged.
    await Promise.race([this.oracle.end(), pause(10_000)]);
    for (const proxy of [...this.toClients, this.toSender]) await proxy.stop();
  }
}
