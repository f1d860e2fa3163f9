import { type Clock, type Ephemeral, ephemeralMessageBytes } from '../domain/ports.ts';
import type { UserState } from './awareness.ts';
import type { SharedDocument } from './shared-document.ts';

export interface NodeLinkParts {
  node: string;
  ephemeral: Pick<Ephemeral, 'publish' | 'subscribe'>;
  clock: Pick<Clock, 'now'>;
  /** Called where another node asks that nothing of the document is stored here for a short while. */
  hold(ms: number): void;
}

/** A message of a node to the others, on one document. */
type NodeMessage =
  /** An update was stored, as this number; `update`, base64, is missing where it is too long for a message. */
  | { kind: 'stored'; node: string; seq: number; update?: string }
  /** States of clients, each as `[client, clock, state as base64, user]`. */
  | { kind: 'states'; node: string; states: [number, number, string | null, string][] }
  /** A node has a change that builds on all that is stored: the others store nothing for a short while. */
  | { kind: 'hold'; node: string; ms: number }
  /** A node opens the document: the others send it their clients' states. */
  | { kind: 'opened'; node: string };

/** The most that is put into one message beside its frame and the name of its channel, bytes. */
const mostBytes = ephemeralMessageBytes - 1_000;

/**
 * One document's way between nodes, over ephemeral channels. Updates are hints: the store has each, and is asked once a second which there
 * are. Clients' states are nowhere else.
 */
export class NodeLink {
  readonly #document: SharedDocument;
  readonly #parts: NodeLinkParts;
  readonly #channel: string;
  readonly #leave: () => void;

  constructor(document: SharedDocument, parts: NodeLinkParts) {
    this.#document = document;
    this.#parts = parts;
    this.#channel = `document:${document.name}`;
    this.#leave = parts.ephemeral.subscribe(this.#channel, (text) => this.#receive(JSON.parse(text) as NodeMessage));
    this.#send({ kind: 'opened', node: parts.node });
  }

  /** Sends that updates up to this number are stored, without their content. */
  sendHead(seq: number): void {
    this.#send({ kind: 'stored', node: this.#parts.node, seq });
  }

  /** Asks the other nodes to store nothing for so long. */
  askToHold(ms: number): void {
    this.#send({ kind: 'hold', node: this.#parts.node, ms });
  }

  sendUpdate(seq: number, update: Uint8Array): void {
    const text = Buffer.from(update.buffer, update.byteOffset, update.byteLength).toString('base64');
    const { node } = this.#parts;
    this.#send({ kind: 'stored', node, seq, ...(text.length <= mostBytes ? { update: text } : {}) });
  }

  /** Sends states of clients, in as many messages as they need. */
  sendStates(states: readonly UserState[]): void {
    let part: Extract<NodeMessage, { kind: 'states' }>['states'] = [];
    let bytes = 0;
    const flush = (): void => {
      if (part.length > 0) this.#send({ kind: 'states', node: this.#parts.node, states: part });
      [part, bytes] = [[], 0];
    };
    for (const { client, clock, state, user } of states) {
      const one: (typeof part)[number] = [client, clock, state && Buffer.from(state).toString('base64'), user];
      const size = Buffer.byteLength(JSON.stringify(one)) + 1;
      if (bytes + size > mostBytes) flush();
      part.push(one);
      bytes += size;
    }
    flush();
  }

  close(): void {
    this.#leave();
  }

  #send(message: NodeMessage): void {
    try {
      this.#parts.ephemeral.publish(this.#channel, JSON.stringify(message));
    } catch (error) {
      // One that is too long is lost, as any may be.
      if (!(error instanceof RangeError)) throw error;
    }
  }

  #receive(message: NodeMessage): void {
    if (message.node === this.#parts.node) return;
    switch (message.kind) {
      case 'stored':
        if (message.update === undefined) this.#document.expect(message.seq);
        else this.#document.takeRemote(message.seq, Buffer.from(message.update, 'base64'));
        break;
      case 'states': {
        const states = message.states.map(([client, clock, state, user]) => ({
          ...{ client, clock, user },
          state: state && Buffer.from(state, 'base64').toString(),
        }));
        const { accepted, gone } = this.#document.awareness.takeRemote(states, this.#parts.clock.now());
        this.#document.broadcastStates(accepted);
        this.sendStates(gone);
        break;
      }
      case 'hold':
        this.#parts.hold(message.ms);
        break;
      default:
        this.sendStates(this.#document.awareness.own);
    }
  }
}
