import { type Clock, type Ephemeral, ephemeralMessageBytes } from '../domain/ports.ts';
import type { NodeDirectory } from './node-directory.ts';

/** Bytes of a message beside the items of an answer. */
const envelopeBytes = 500;

interface Asked<Question> {
  id: number;
  from: string;
  question: Question;
}

export interface NodeQuestionParts {
  ephemeral: Ephemeral;
  nodes: NodeDirectory;
  clock: Pick<Clock, 'after'>;
}

/** A part of an answer: its number, of so many. */
interface Part<Item> {
  id: number;
  node: string;
  part: number;
  of: number;
  items: Item[];
}

/** A question that waits for the rest of its answers. */
interface Pending<Item> {
  items: Item[];
  /** For each node how many parts are missing; null before its first part came. */
  missing: Map<string, number | null>;
  finish: () => void;
}

/**
 * Asks every node a question, and gathers the items of their answers. Complete where each node that the directory knows answers in time and
 * nothing is lost; else the answer is short of what did not come. Never rejects because of another node.
 */
export class NodeQuestions<Question, Item> {
  readonly #name: string;
  readonly #ephemeral: Ephemeral;
  readonly #nodes: NodeDirectory;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #answer: (question: Question) => Promise<Item[]>;
  readonly #pending = new Map<number, Pending<Item>>();
  readonly #unsubscribe: (() => void)[];
  #lastId = 0;

  /**
   * @param name of the question, the same on every node
   * @param answer gives this node's answer; a rejection is passed on to a caller here, and leaves other nodes without an answer
   */
  constructor(
    name: string,
    { ephemeral, nodes, clock }: NodeQuestionParts,
    answer: (question: Question) => Promise<Item[]>,
  ) {
    this.#name = name;
    this.#ephemeral = ephemeral;
    this.#nodes = nodes;
    this.#clock = clock;
    this.#answer = answer;
    this.#unsubscribe = [
      ephemeral.subscribe(this.#questions, (text) => this.#receive(JSON.parse(text))),
      ephemeral.subscribe(this.#answersTo(nodes.self), (text) => this.#take(JSON.parse(text))),
    ];
  }

  /** @param timeout how long other nodes are waited for, ms */
  async ask(question: Question, timeout: number): Promise<Item[]> {
    const others = this.#nodes.others;
    const own = this.#answer(question);
    if (others.length === 0) return own;
    const [items, theirs] = await Promise.all([own, this.#askOthers(question, others, timeout)]);
    return [...items, ...theirs];
  }

  /** Leaves what is under way with the answers that came. */
  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const { finish } of [...this.#pending.values()]) finish();
  }

  get #questions(): string {
    return `questions:${this.#name}`;
  }

  #answersTo(node: string): string {
    return `answers:${this.#name}:${node}`;
  }

  #askOthers(question: Question, others: readonly string[], timeout: number): Promise<Item[]> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const finish = () => {
        stopWaiting();
        this.#pending.delete(id);
        resolve(pending.items);
      };
      const stopWaiting = this.#clock.after(timeout, finish);
      const pending: Pending<Item> = { items: [], missing: new Map(others.map((node) => [node, null])), finish };
      this.#pending.set(id, pending);
      const asked: Asked<Question> = { id, from: this.#nodes.self, question };
      this.#ephemeral.publish(this.#questions, JSON.stringify(asked));
    });
  }

  #receive({ id, from, question }: Asked<Question>): void {
    if (from === this.#nodes.self) return;
    this.#answer(question).then(
      (items) => this.#send(from, id, items),
      // The node that asked goes on without this one.
      () => {},
    );
  }

  #send(to: string, id: number, items: readonly Item[]): void {
    const node = this.#nodes.self;
    const parts = partsOf(items);
    for (const [index, items] of parts.entries()) {
      const part: Part<Item> = { id, node, part: index, of: parts.length, items };
      this.#ephemeral.publish(this.#answersTo(to), JSON.stringify(part));
    }
  }

  #take({ id, node, of, items }: Part<Item>): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    const missing = (pending.missing.get(node) ?? of) - 1;
    pending.items.push(...items);
    if (missing > 0) pending.missing.set(node, missing);
    else pending.missing.delete(node);
    if (pending.missing.size === 0) pending.finish();
  }
}

/** Items divided so that each part fits into a message; one part at least. */
function partsOf<Item>(items: readonly Item[]): Item[][] {
  let part: Item[] = [];
  const parts = [part];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (part.length > 0 && bytes + size > ephemeralMessageBytes - envelopeBytes) {
      part = [];
      parts.push(part);
      bytes = 0;
    }
    part.push(item);
    bytes += size;
  }
  return parts;
}
