import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { databases, withStore } from '../../testing/databases.ts';
import { MemoryEphemeral } from '../broker/memory/memory-ephemeral.ts';
import type { Store } from '../domain/ports.ts';
import { systemClock } from '../jobs/system-clock.ts';
import type { Message } from './message.ts';
import { OpenDocuments } from './open-documents.ts';
import type { Member, SharedDocument } from './shared-document.ts';
import { readMessage } from './wire.ts';

/** Channels between nodes that lose what the run has them lose. */
class LossyChannels {
  readonly #channels = new MemoryEphemeral();
  isDeaf = false;

  publish(channel: string, text: string): void {
    if (!this.isDeaf) this.#channels.publish(channel, text);
  }

  subscribe(channel: string, listener: (text: string) => void): () => void {
    return this.#channels.subscribe(channel, listener);
  }
}

/** A node, which may be killed: it stores nothing from then on, and another takes its place, which knows what is stored. */
class Node {
  documents: OpenDocuments;
  readonly #name: string;
  readonly #store: Store;
  readonly #channels: LossyChannels;
  #life = { isOver: false };
  #starts = 0;

  constructor(name: string, store: Store, channels: LossyChannels) {
    this.#name = name;
    this.#store = store;
    this.#channels = channels;
    this.documents = this.#start();
  }

  kill(): void {
    this.#life.isOver = true;
    this.documents = this.#start();
  }

  #start(): OpenDocuments {
    const life = { isOver: false };
    this.#life = life;
    const whole = this.#store;
    const store: Store = Object.create(whole, {
      addDocumentUpdates: {
        value: async (...args: Parameters<Store['addDocumentUpdates']>) => {
          if (life.isOver) throw new Error('killed');
          return whole.addDocumentUpdates(...args);
        },
      },
    });
    return new OpenDocuments({
      ...{ node: `${this.#name}${++this.#starts}`, store, ephemeral: this.#channels, clock: systemClock },
      ...{ telemetry: { emit: () => {} }, counters: { documentUpdates: 0 } },
      limits: { documentBytes: 1_000_000, updateBytes: 100_000, open: 10 },
    });
  }
}

/** An editor with its connection, whose messages may wait and come in another order. What it has not handed over goes along when it comes back. */
class Player implements Member {
  readonly doc = new Y.Doc();
  document: SharedDocument | null = null;
  /** The node that it is connected to, in this life of it. */
  documents: OpenDocuments | null = null;
  #leave: () => void = () => {};
  readonly #out: Uint8Array[] = [];
  readonly #in: Uint8Array[] = [];

  constructor() {
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this && this.document) this.#out.push(update);
    });
  }

  async connect(node: Node, name: string): Promise<void> {
    this.cut();
    const { document, leave } = await node.documents.open(name);
    [this.document, this.#leave, this.documents] = [document, leave, node.documents];
    document.members.add(this);
    document.answer(this, Y.encodeStateVector(this.doc));
    this.#out.push(Y.encodeStateAsUpdate(this.doc, document.vector()));
  }

  /** The connection is gone, with what was under way in it. */
  cut(): void {
    this.document?.members.delete(this);
    this.#leave();
    this.document = null;
    this.#out.length = 0;
    this.#in.length = 0;
  }

  edit(at: number, text: string, removed: number): void {
    const shared = this.doc.getText('t');
    const from = shared.length === 0 ? 0 : at % shared.length;
    this.doc.transact(() => {
      shared.delete(from, Math.min(removed, shared.length - from));
      if (text !== '') shared.insert(from, text);
      if (removed % 2 === 1) this.doc.getMap('m').set(text, removed);
    });
  }

  /** Hands over some of what waits in each direction, from wherever in it. */
  move(at: number, count: number): void {
    for (let n = 0; n < count; n++) {
      const [out] = this.#out.splice(at % Math.max(1, this.#out.length), 1);
      if (out) this.document?.take(out, true);
      const [into] = this.#in.splice(at % Math.max(1, this.#in.length), 1);
      if (into) Y.applyUpdate(this.doc, into, this);
    }
  }

  get hasNews(): boolean {
    return this.#out.length + this.#in.length > 0;
  }

  send({ bytes }: Message): void {
    const message = readMessage(bytes);
    if (message.kind === 'update') this.#in.push(message.update);
  }

  close(): void {
    this.cut();
  }

  get content(): unknown {
    return [this.doc.getText('t').toString(), this.doc.getMap('m').toJSON()];
  }
}

const players = 4;
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('edit' as const),
      who: fc.nat(players - 1),
      at: fc.nat(40),
      text: fc.string({ maxLength: 6 }),
      removed: fc.nat(3),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      who: fc.nat(players - 1),
      at: fc.nat(5),
      count: fc.nat(4),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('connect' as const), who: fc.nat(players - 1), node: fc.nat(1) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), who: fc.nat(players - 1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), node: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deafen' as const), isDeaf: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('merge' as const), node: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(4) }) },
);

let runs = 0;

describe.each(databases)('on $name', ({ fixture, name }) => {
  let store: Store;
  withStore(fixture, (made) => {
    store = made;
  });

  test('editors end with one text, whatever is dropped, turned round, cut and killed, and it is the one that is stored', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const document = `collaboration:p${++runs}`;
        const channels = new LossyChannels();
        const nodes = ['a', 'b'].map((one) => new Node(one, store, channels)) as [Node, Node];
        const all = Array.from({ length: players }, () => new Player());
        const one = (who: number): Player => all[who] as Player;
        for (const [n, player] of all.entries()) await player.connect(nodes[n % 2] as Node, document);
        for (const next of steps) {
          if (next.do === 'edit') one(next.who).edit(next.at, next.text, next.removed);
          else if (next.do === 'move') one(next.who).move(next.at, next.count);
          else if (next.do === 'connect') await one(next.who).connect(nodes[next.node] as Node, document);
          else if (next.do === 'cut') one(next.who).cut();
          else if (next.do === 'deafen') channels.isDeaf = next.isDeaf;
          else if (next.do === 'wait') await new Promise((resolve) => setTimeout(resolve, next.ms));
          else if (next.do === 'merge') for (const player of all) player.document?.merge();
          else {
            const killed = nodes[next.node] as Node;
            for (const player of all) if (player.documents === killed.documents) player.cut();
            killed.kill();
          }
        }
        // Everybody is connected, and nothing is lost any more but messages between nodes.
        for (const [n, player] of all.entries()) {
          if (player.document === null) await player.connect(nodes[n % 2] as Node, document);
        }
        await settle(all, nodes);
        const [first, ...others] = all.map(({ content }) => content);
        for (const other of others) expect(other).toEqual(first);
        const stored = new Y.Doc();
        for (let after = 0, more = true; more; ) {
          const { updates, full } = await store.documentUpdates(document, after);
          for (const { update } of updates) Y.applyUpdate(stored, update);
          after = updates.at(-1)?.seq ?? after;
          more = full;
        }
        expect([stored.getText('t').toString(), stored.getMap('m').toJSON()]).toEqual(first);
        for (const player of all) player.cut();
        for (const { documents } of nodes) await documents.close();
      }),
      { numRuns: name === 'SQLite' ? 60 : 25 },
    );
  }, 120_000);
});

/** Moves everything until nothing is under way, and has nodes look at the store. */
async function settle(all: readonly Player[], nodes: readonly Node[]): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    for (const player of all) player.move(0, 100);
    for (const player of all) await player.document?.stored();
    for (const { documents } of nodes) await documents.sweep();
    await new Promise((resolve) => setTimeout(resolve, 1));
    for (const player of all) await player.document?.idle();
    quiet = all.some(({ hasNews }) => hasNews) ? 0 : quiet + 1;
  }
}
