import { MemoryBroker } from '../src/broker/memory/memory-broker.ts';
import { MemoryEphemeral } from '../src/broker/memory/memory-ephemeral.ts';
import type { Ephemeral } from '../src/domain/ports.ts';
import { ManualClock } from './manual-clock.ts';
import type { MemoryConnection } from './memory-connection.ts';
import { PresenceView } from './presence-view.ts';
import type { StoreFixture } from './store-fixture.ts';
import { member } from './temp-store.ts';
import { tick, until, World } from './world.ts';

export type PresenceStep =
  | { do: 'connect' | 'cut' | 'reload' | 'unsubscribe' | 'hide' | 'stall' | 'flow'; device: number }
  | { do: 'state'; device: number; n: number }
  | { do: 'right'; user: number; has: boolean }
  | { do: 'pass'; ms: number }
  | { do: 'lose' | 'delay'; messages: number }
  | { do: 'crash' };

/** Carries messages between nodes, and loses some, or delivers them late and turned round. */
class Network extends MemoryEphemeral {
  losing = 0;
  delaying = 0;
  #late: [string, string][] = [];

  override publish(channel: string, text: string): void {
    if (!channel.startsWith('presence:')) super.publish(channel, text);
    else if (this.losing > 0) this.losing--;
    else if (this.delaying > 0) {
      this.delaying--;
      this.#late.push([channel, text]);
    } else super.publish(channel, text);
  }

  deliverLate(): void {
    for (const [channel, text] of this.#late.reverse().splice(0)) super.publish(channel, text);
  }
}

/** A node, which may die: then nothing comes from it any more. */
interface Node {
  world: World;
  isDead: boolean;
}

/** A device of a user, at one node, on the path of the room or on `/ws/`. */
class Device {
  readonly user: string;
  readonly node: number;
  readonly isOnPath: boolean;
  connection: MemoryConnection | null = null;
  view: PresenceView;
  #read = 0;
  /** The state that it is shown with; null while it is not. */
  shown: { id: string; state: object; since: number } | null = null;
  /** True if it is told who is there. */
  isTold = false;

  constructor(user: string, node: number, isOnPath: boolean, room: string) {
    this.user = user;
    this.node = node;
    this.isOnPath = isOnPath;
    this.view = new PresenceView(room);
  }

  get isUp(): boolean {
    return this.connection !== null && this.connection.closed === null;
  }

  begin(connection: MemoryConnection, room: string): void {
    this.connection = connection;
    this.view = new PresenceView(room);
    this.#read = 0;
  }

  /** Reads what came; calls back with the users who left. */
  take(left: (user: string) => void): void {
    const { received = [] } = this.connection ?? {};
    for (; this.#read < received.length; this.#read++) {
      const frame = received[this.#read] as (typeof received)[number];
      this.view.take(frame);
      for (const user of (frame.type === 'presence' && (frame.left as string[])) || []) left(user);
    }
  }
}

/** Users with devices at one node or two, whose messages get lost, and a model of who is there. */
export class PresencePlay {
  readonly #fixture: StoreFixture;
  readonly #clock = new ManualClock(Date.now());
  readonly #network = new Network();
  readonly #broker = new MemoryBroker();
  readonly #nodes: Node[] = [];
  readonly #devices: Device[];
  readonly #room: string;
  readonly #rights = new Set<string>();
  /** Since when each user has been there without interruption, as nothing could hide it. */
  readonly #since = new Map<string, number>();
  readonly #problems: string[] = [];
  #refs = 0;

  constructor(fixture: StoreFixture, name: string, nodes: number) {
    this.#fixture = fixture;
    this.#room = `project:${name}`;
    this.#devices = Array.from({ length: 6 }, (_, n) => new Device(`u${n % 3}-${name}`, n % nodes, n < 3, this.#room));
  }

  async begin(): Promise<void> {
    const count = Math.max(...this.#devices.map(({ node }) => node)) + 1;
    for (let n = 0; n < count; n++) this.#nodes.push(await this.#aNode());
    for (const { user } of this.#devices) await this.#setRight(user, true);
    for (const device of this.#devices) await this.#connect(device);
  }

  async play(step: PresenceStep): Promise<void> {
    const device = 'device' in step ? (this.#devices[step.device] as Device) : null;
    if (step.do === 'connect') await this.#connect(device as Device);
    else if (step.do === 'cut') this.#cut(device as Device);
    else if (step.do === 'reload') {
      this.#cut(device as Device);
      await this.#connect(device as Device);
    } else if (step.do === 'unsubscribe') await this.#subscribe(device as Device, 'unsubscribe', false);
    else if (step.do === 'hide') await this.#subscribe(device as Device, 'subscribe', false);
    else if (step.do === 'stall') device?.connection?.stall(200);
    else if (step.do === 'flow') device?.connection?.flow();
    else if (step.do === 'state') await this.#setState(device as Device, step.n);
    else if (step.do === 'right') await this.#setRight(this.#devices[step.user]?.user as string, step.has);
    else if (step.do === 'pass') await this.#live(step.ms);
    else if (step.do === 'lose') this.#network.losing += step.messages;
    else if (step.do === 'delay') this.#network.delaying += step.messages;
    else await this.#crash();
    await this.#settle();
    // Each step has messages of its own.
    await this.#clock.advance(60);
    await this.#settle();
  }

  /** Lets messages come again and twelve seconds pass. @returns what is wrong */
  async end(): Promise<string[]> {
    Object.assign(this.#network, { losing: 0, delaying: 0 });
    for (const { connection } of this.#devices) connection?.flow();
    this.#network.deliverLate();
    await this.#live(20_000);
    const expected: Record<string, Record<string, object>> = {};
    for (const { user, shown } of this.#devices)
      if (shown) expected[user] = { ...expected[user], [shown.id]: shown.state };
    const text = JSON.stringify(sorted(expected));
    for (const [n, device] of this.#devices.entries()) {
      if (!device.isUp || !device.isTold) continue;
      const members = Object.entries(device.view.members ?? {}).map(([user, { sessions }]) => [user, sessions]);
      const seen = JSON.stringify(sorted(Object.fromEntries(members)));
      if (seen !== text) this.#problems.push(`device ${n} sees ${seen}, expected ${text}`);
    }
    return this.#problems;
  }

  async close(): Promise<void> {
    for (const { world, isDead } of this.#nodes) {
      if (!isDead) await world.presencePeers?.close();
      world.end();
      await world.store.close();
    }
  }

  async #aNode(): Promise<Node> {
    const store = this.#fixture.make(() => this.#clock.now());
    const { writePresence } = store;
    const ephemeral: Ephemeral = {
      publish: (channel, text) => void (node.isDead || this.#network.publish(channel, text)),
      subscribe: (channel, listener) => this.#network.subscribe(channel, (text) => node.isDead || listener(text)),
      health: () => this.#network.health(),
      close: async () => {},
    };
    store.writePresence = async (...of) => {
      if (node.isDead) throw new Error('this node is dead');
      return writePresence(...of);
    };
    const limits = { pingIntervalMs: 1_000_000, pongTimeoutMs: 1_000_000 };
    const world = new World(store, { clock: this.#clock, broker: this.#broker, ephemeral, limits });
    const node: Node = { world, isDead: false };
    await world.open();
    return node;
  }

  async #connect(device: Device): Promise<void> {
    if (device.isUp) return;
    const { world } = this.#nodes[device.node] as Node;
    const path = device.isOnPath ? `/ws/projects/${this.#room.slice('project:'.length)}/` : '/ws/';
    const connection = await world.connect(`${path}?user=${device.user}`);
    device.begin(connection, this.#room);
    if (connection.closed) return;
    await until(() => connection.of('synced').length > 0);
    if (device.isOnPath) this.#follow(device, true);
    else await this.#subscribe(device, 'subscribe', true);
  }

  #follow(device: Device, isShown: boolean): void {
    const id = device.connection?.of('connection_established')[0]?.session_id as string;
    device.isTold = isShown;
    device.shown = isShown ? (device.shown ?? { id, state: {}, since: this.#clock.now() }) : null;
    this.#note(device.user);
  }

  #cut(device: Device): void {
    device.connection?.cut();
    this.#gone(device);
  }

  #gone(device: Device): void {
    device.shown = null;
    device.isTold = false;
    this.#note(device.user);
  }

  async #subscribe(device: Device, action: 'subscribe' | 'unsubscribe', isShown: boolean): Promise<void> {
    const more = action === 'subscribe' ? { presence: isShown } : {};
    const reply = await this.#ask(device, { action, room: this.#room, ...more });
    if (reply?.type === 'reply') this.#follow(device, action === 'subscribe' && isShown);
  }

  async #setState(device: Device, n: number): Promise<void> {
    const reply = await this.#ask(device, { action: 'presence', room: this.#room, state: { n } });
    if (!reply) return;
    if ((reply.type === 'reply') !== (device.shown !== null)) {
      this.#problems.push(`the state of ${device.user} was answered ${JSON.stringify(reply)}`);
    } else if (device.shown) device.shown.state = { n };
  }

  /** Asks on a connection that takes what it is sent. */
  async #ask({ connection, isUp }: Device, action: object): Promise<Record<string, unknown> | null> {
    if (!isUp || !connection) return null;
    connection.flow();
    const ref = ++this.#refs;
    connection.say({ ...action, ref });
    await until(() => connection.closed !== null || connection.received.some((frame) => frame.ref === ref));
    return connection.received.find((frame) => frame.ref === ref) ?? null;
  }

  async #setRight(user: string, has: boolean): Promise<void> {
    if (has) this.#rights.add(user);
    else this.#rights.delete(user);
    const { world } = this.#nodes[0] as Node;
    await world.store.commit([member(user, `room:${this.#room}`, has ? 'r' : null)]);
    for (const node of this.#nodes) await node.world.settle();
    if (!has) for (const device of this.#devices) if (device.user === user) this.#gone(device);
  }

  /** The last node dies, and another takes its place; with one node nothing does. */
  async #crash(): Promise<void> {
    if (this.#nodes.length < 2) return;
    const at = this.#nodes.length - 1;
    const node = this.#nodes[at] as Node;
    node.isDead = true;
    for (const device of this.#devices) if (device.node === at) this.#cut(device);
    node.world.end();
    await node.world.store.close();
    this.#nodes[at] = await this.#aNode();
  }

  async #live(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 500) {
      await this.#clock.advance(Math.min(500, left));
      for (const { world } of this.#nodes) {
        world.presence.announce();
        if (left % 1_000 === 0) await world.presencePeers?.writeAll();
        else await world.presencePeers?.compare();
      }
      this.#network.deliverLate();
      await this.#settle();
    }
  }

  async #settle(): Promise<void> {
    for (let n = 0; n < 3; n++) await tick();
    for (const device of this.#devices) device.take((user) => this.#checkLeft(user));
  }

  #note(user: string): void {
    const isThere = this.#devices.some((device) => device.user === user && device.shown !== null);
    if (!isThere) this.#since.delete(user);
    else if (!this.#since.has(user)) this.#since.set(user, this.#clock.now());
  }

  /**
   * Nobody is said to leave who has been there for so long that everybody knows it, and by a session of whose coming everybody knows: where the
   * message of it was lost, that takes five seconds, and another session of the user may have left meanwhile.
   */
  #checkLeft(user: string): void {
    const since = this.#since.get(user);
    const now = this.#clock.now();
    const isKnown = this.#devices.some(({ user: of, shown }) => of === user && shown && now - shown.since > 5_000);
    if (since !== undefined && now - since > 11_000 && isKnown) this.#problems.push(`${user} left, and was there`);
  }
}

const sorted = (members: Record<string, object>): unknown =>
  Object.entries(members)
    .map(([user, sessions]) => [user, Object.entries(sessions).sort(([a], [b]) => (a < b ? -1 : 1))])
    .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1));
