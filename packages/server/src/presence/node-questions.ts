import { type Clock, type Ephemeral, ephemeralMessageBytes } from '../domain/ports.ts';
import type { Telemetry } from '../telemetry/events.ts';
import { type AnswerPart, GatheredAnswers } from './gathered-answers.ts';
import type { NodeDirectory } from './node-directory.ts';

/** Bytes of a message beside the items of an answer. */
const envelopeBytes = 500;
const todo =
  'users who are connected to that node may be missing from what was asked, as from what was sent to {connected: true}: look for work that blocks its event loop, or for a process that was killed';

interface Asked<Question> {
  id: number;
  from: string;
  /** The only node that is to answer. Default: every other. */
  to?: string;
  question: Question;
}

export interface NodeQuestionParts {
  ephemeral: Ephemeral;
  nodes: NodeDirectory;
  clock: Pick<Clock, 'after'>;
  telemetry: Telemetry;
}

/** The time for which other nodes are waited for, in rounds: a node that was busy itself waits for one more. */
export interface Rounds {
  /** Duration of a round, ms. A node of which nothing came in one is asked again: a message may be lost. */
  roundMs: number;
  /** The number of rounds after which the question ends without what has not come. */
  count: number;
}

/** A question that waits for the rest of its answers. */
interface Pending<Item> {
  answers: GatheredAnswers<Item>;
  finish: () => void;
}

/**
 * Asks every node a question, and gathers the items of their answers. Waits for each node that the directory knows until it has answered, has
 * left or is missed, or the rounds end; an answer that did not come whole is emitted to telemetry. Never rejects because of another node.
 */
export class NodeQuestions<Question, Item> {
  readonly #name: string;
  readonly #parts: NodeQuestionParts;
  readonly #answer: (question: Question) => Promise<Item[]>;
  /** By the id of each time that a question was asked. */
  readonly #pending = new Map<number, Pending<Item>>();
  /** The nodes that were reported to telemetry since their last answer. */
  readonly #reported = new Set<string>();
  readonly #unsubscribe: (() => void)[];
  #lastId = 0;

  /**
   * @param name of the question, the same on every node
   * @param answer gives this node's answer; a rejection is passed on to a caller here, and leaves other nodes without an answer
   */
  constructor(name: string, parts: NodeQuestionParts, answer: (question: Question) => Promise<Item[]>) {
    this.#name = name;
    this.#parts = parts;
    this.#answer = answer;
    const { ephemeral, nodes } = parts;
    this.#unsubscribe = [
      ephemeral.subscribe(this.#questions, (text) => this.#receive(JSON.parse(text))),
      ephemeral.subscribe(this.#answersTo(nodes.self), (text) => this.#take(JSON.parse(text))),
    ];
    nodes.onGone((node, how) => this.#leave(node, how === 'missed'));
  }

  async ask(question: Question, rounds: Rounds): Promise<Item[]> {
    const { others } = this.#parts.nodes;
    const own = this.#answer(question);
    if (others.length === 0) return own;
    const [items, theirs] = await Promise.all([own, this.#askOthers(question, others, rounds)]);
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

  #askOthers(question: Question, others: readonly string[], { roundMs, count }: Rounds): Promise<Item[]> {
    const { clock } = this.#parts;
    const answers = new GatheredAnswers<Item>(others);
    return new Promise((resolve) => {
      const finish = () => {
        stopWaiting();
        for (const [id, other] of this.#pending) if (other === pending) this.#pending.delete(id);
        resolve(answers.items);
      };
      const pending: Pending<Item> = { answers, finish };
      const endRound = (left: number) => {
        if (left > 0) {
          for (const node of answers.takeSilent()) this.#publish(pending, question, node);
          stopWaiting = clock.after(roundMs, () => endRound(left - 1));
        } else {
          for (const node of answers.missing) this.#report(node);
          finish();
        }
      };
      let stopWaiting = clock.after(roundMs, () => endRound(count - 1));
      this.#publish(pending, question);
    });
  }

  #publish(pending: Pending<Item>, question: Question, to?: string): void {
    const { ephemeral, nodes } = this.#parts;
    const asked: Asked<Question> = { id: ++this.#lastId, from: nodes.self, to, question };
    this.#pending.set(asked.id, pending);
    ephemeral.publish(this.#questions, JSON.stringify(asked));
  }

  #receive({ id, from, to, question }: Asked<Question>): void {
    const { self } = this.#parts.nodes;
    if (from === self || (to !== undefined && to !== self)) return;
    // If there is no answer, or it cannot be sent, the node that asked goes on without this one.
    void this.#answer(question)
      .then((items) => this.#send(from, id, items))
      .catch(() => {});
  }

  #send(to: string, id: number, items: readonly Item[]): void {
    const { ephemeral, nodes } = this.#parts;
    const parts = partsOf(items);
    for (const [index, items] of parts.entries()) {
      const part: AnswerPart<Item> = { id, node: nodes.self, part: index, of: parts.length, items };
      ephemeral.publish(this.#answersTo(to), JSON.stringify(part));
    }
  }

  #take(part: AnswerPart<Item>): void {
    this.#reported.delete(part.node);
    const pending = this.#pending.get(part.id);
    if (!pending) return;
    pending.answers.take(part);
    if (pending.answers.missing.length === 0) pending.finish();
  }

  /** Waits no longer for a node that is gone. */
  #leave(node: string, isMissed: boolean): void {
    for (const { answers, finish } of new Set(this.#pending.values())) {
      if (!answers.leave(node)) continue;
      if (isMissed) this.#report(node);
      if (answers.missing.length === 0) finish();
    }
    this.#reported.delete(node);
  }

  #report(node: string): void {
    if (this.#reported.has(node)) return;
    this.#reported.add(node);
    this.#parts.telemetry.emit({ type: 'node_unanswered', node, asked: this.#name, todo });
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
