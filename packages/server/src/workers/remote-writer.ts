import type { Head } from '../domain/store/history.ts';
import { Answers } from '../store/sqlite/answers.ts';
import { asText, type Unnumbered, type WriterPort } from '../store/sqlite/writer-port.ts';
import type { WorkerChannel } from './messages.ts';

/** The thread that writes, in the process that started this one. */
export class RemoteWriter implements WriterPort {
  readonly #channel: WorkerChannel;
  readonly #answers = new Answers();

  constructor(channel: WorkerChannel) {
    this.#channel = channel;
    channel.onMessage(([kind, text]) => {
      if (kind === 'written') this.#answers.settle(JSON.parse(text));
      else if (kind === 'writer ended') this.#answers.fail(new Error(text));
    });
  }

  get death(): Error | null {
    return this.#answers.death;
  }

  open(): Promise<Head> {
    return this.ask({ do: 'head' });
  }

  ask<T>(request: Unnumbered): Promise<T> {
    return this.#answers.ask<T>((id) => this.#channel.send(['write', asText({ ...request, id })]));
  }

  /** The thread goes on for the other workers. */
  async close(): Promise<void> {}
}
