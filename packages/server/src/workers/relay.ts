import type { PrimaryChannel } from './messages.ts';

/** The thread that writes, for requests and answers as JSON. */
interface Writer {
  send(request: string, receive: (answer: string) => void): void;
}

/** Passes the requests of workers on to the one thread that writes, and what a worker says to all others. It reads none of them. */
export class Relay {
  readonly #writer: Writer | null;
  readonly #workers = new Set<PrimaryChannel>();
  #ended: string | null = null;

  /** @param writer null where each worker has a database connection of its own */
  constructor(writer: Writer | null) {
    this.#writer = writer;
  }

  /** @returns removes it */
  add(worker: PrimaryChannel): () => void {
    this.#workers.add(worker);
    worker.onMessage((message) => {
      const [kind, first] = message;
      if (kind === 'write') this.#writer?.send(first, (answer) => worker.send(['written', answer]));
      else if (kind === 'batch' || kind === 'text') {
        for (const other of this.#workers) if (other !== worker) other.send(message);
      }
    });
    if (this.#ended !== null) worker.send(['writer ended', this.#ended]);
    return () => this.#workers.delete(worker);
  }

  /** Tells all workers, those that come too, that nothing can be stored any more. */
  writerEnded(reason: string): void {
    this.#ended = reason;
    for (const worker of this.#workers) worker.send(['writer ended', reason]);
  }
}
