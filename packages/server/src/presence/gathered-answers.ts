/** A part of a node's answer: its number, of so many. */
export interface AnswerPart<Item> {
  id: number;
  node: string;
  part: number;
  of: number;
  items: Item[];
}

interface NodeAnswer<Item> {
  /** The question that it answers. */
  id: number;
  items: Item[];
  /** The number of parts that have not come. */
  missing: number;
}

/** The answers of other nodes to one question, which a node may be asked again under a higher id. */
export class GatheredAnswers<Item> {
  readonly #waitsFor: Set<string>;
  readonly #answers = new Map<string, NodeAnswer<Item>>();
  readonly #answering = new Set<string>();

  constructor(nodes: readonly string[]) {
    this.#waitsFor = new Set(nodes);
  }

  /** The nodes whose answer has not come as a whole. */
  get missing(): readonly string[] {
    return [...this.#waitsFor];
  }

  /** The items that have come so far, of all answers. */
  get items(): Item[] {
    return [...this.#answers.values()].flatMap(({ items }) => items);
  }

  /** Takes a part; one of an answer to a later question begins the node's answer anew. */
  take({ id, node, of, items }: AnswerPart<Item>): void {
    if (!this.#waitsFor.has(node)) return;
    const known = this.#answers.get(node);
    if (known && known.id > id) return;
    const answer = known?.id === id ? known : { id, items: [], missing: of };
    for (const item of items) answer.items.push(item);
    answer.missing--;
    this.#answers.set(node, answer);
    this.#answering.add(node);
    if (answer.missing === 0) this.#waitsFor.delete(node);
  }

  /** Waits for a node no longer. @returns true if it was waited for */
  leave(node: string): boolean {
    return this.#waitsFor.delete(node);
  }

  /** The nodes that are waited for, and of which nothing has come since the last call. */
  takeSilent(): readonly string[] {
    const silent = this.missing.filter((node) => !this.#answering.has(node));
    this.#answering.clear();
    return silent;
  }
}
