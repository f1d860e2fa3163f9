import type { Head } from '../../domain/store/history.ts';
import { Answers, raise } from './answers.ts';
import type { Opened } from './messages.ts';
import { sqliteStatements } from './statements.ts';
import { moduleOf, Thread } from './thread.ts';
import { asText, type Unnumbered, type WriterPort } from './writer-port.ts';

/** The thread that writes, for requests and answers that are JSON already. It answers each in turn. */
export class WriterThread {
  readonly #thread: Thread<string>;
  readonly #receivers: ((answer: string) => void)[] = [];

  /** @param onDeath is called with the reason when it ends */
  constructor(path: string, onDeath: (error: Error) => void) {
    this.#thread = new Thread(moduleOf('writer-thread'), { path, statements: sqliteStatements }, onDeath);
  }

  /** Resolves when the database is open. Throws TidingsError with what to do. */
  async open(): Promise<Head> {
    const first = await this.#thread.first<Opened>();
    if ('failed' in first) {
      this.#thread.post(asText({ id: 0, do: 'close' }));
      throw raise(first.failed);
    }
    this.#thread.onMessage((answer) => this.#receivers.shift()?.(answer));
    return first.opened;
  }

  send(request: string, receive: (answer: string) => void): void {
    this.#receivers.push(receive);
    this.#thread.post(request);
  }

  /** Closes the database after all that was sent before. */
  async close(): Promise<void> {
    this.send(asText({ id: 0, do: 'close' }), () => {});
    await this.#thread.ended();
  }
}

/** The thread that writes, in this process. */
export class OwnWriter implements WriterPort {
  readonly #path: string;
  readonly #answers = new Answers();
  #thread: WriterThread | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  get death(): Error | null {
    return this.#answers.death;
  }

  async open(): Promise<Head> {
    const thread = new WriterThread(this.#path, (error) => this.#answers.fail(error));
    const head = await thread.open();
    this.#thread = thread;
    return head;
  }

  ask<T>(request: Unnumbered): Promise<T> {
    return this.#answers.ask<T>((id) =>
      this.#thread?.send(asText({ ...request, id }), (answer) => this.#answers.settle(JSON.parse(answer))),
    );
  }

  async close(): Promise<void> {
    await this.#thread?.close();
  }
}
