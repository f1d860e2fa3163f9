import type { DurableFields, UnknownFrame } from '@tidings/protocol';
import { guard } from './guard.ts';
import type { Logger } from './options.ts';

/** An event of the application's own whose type was not declared in `TidingsEvents`. */
export type CustomFrame = UnknownFrame & DurableFields;

/** The listeners of one event, called in the order in which they were added. One that throws, or rejects, is logged and stops no other. */
export class Listeners<T> {
  readonly #entries = new Set<{ call: (value: T) => unknown }>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @returns what takes it off again; the same function added twice is called twice */
  add(call: (value: T) => unknown): () => void {
    const entry = { call };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  emit(value: T): void {
    for (const entry of [...this.#entries]) {
      if (!this.#entries.has(entry)) continue;
      const failed = (error: unknown) => this.#logger.error('tidings: a handler threw', error);
      void guard(() => entry.call(value), failed);
    }
  }
}
