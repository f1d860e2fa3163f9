import type { PrimaryChannel } from './messages.ts';
import { MetricsRounds } from './metrics-rounds.ts';

/** The thread that writes, for requests and answers as JSON. */
interface Writer {
  send(request: string, receive: (answer: string) => void): void;
}

/** Passes the requests of workers on to the one thread that writes, and what a worker says to all others. It reads none of them. */
export class Relay {
  /** Null where each worker has a database connection of its own. */
  #writer: Writer | null = null;
  readonly #workers = new Set<PrimaryChannel>();
  readonly #rounds = new MetricsRounds();
  #ended: string | null = null;

  /** Sets the thread that writes, before workers are added. */
  writeTo(writer: Writer): void {
    this.#writer = writer;
  }

  /** @returns removes it */
  add(worker: PrimaryChannel): () => void {
    this.#workers.add(worker);
    worker.onMessage((message) => {
      if (message[0] === 'write') this.#writer?.send(message[1], (answer) => worker.send(['written', answer]));
      else if (message[0] === 'ask metrics') this.#rounds.ask(this.#workers, worker, message[1]);
      else if (message[0] === 'metrics') this.#rounds.answered(worker, message[1], message[2]);
      else if (message[0] === 'batch' || message[0] === 'text') {
        for (const other of this.#workers) if (other !== worker) other.send(message);
      }
    });
    if (this.#ended !== null) worker.send(['writer ended', this.#ended]);
    return () => {
      this.#workers.delete(worker);
      this.#rounds.gone(worker);
    };
  }

  /** Tells all workers, those that come too, that nothing can be stored any more. */
  writerEnded(reason: string): void {
    this.#ended = reason;
    for (const worker of this.#workers) worker.send(['writer ended', reason]);
  }
}
