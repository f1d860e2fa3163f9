import type { DurableFields, ServerFrame, UnknownFrame } from '@tidings/protocol';
import type { Logger } from './options.ts';

/** An event of the application's own whose type was not declared in `TidingsEvents`. */
export type CustomFrame = UnknownFrame & DurableFields;

/** Functions that hear of the same thing, in the order they were added. One that throws is logged and stops no other. */
export class Listeners<T> {
  readonly #entries = new Set<{ call: (value: T) => void }>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @returns what takes it off again; the same function added twice is called twice */
  add(call: (value: T) => void): () => void {
    const entry = { call };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  emit(value: T): void {
    for (const entry of [...this.#entries]) {
      if (!this.#entries.has(entry)) continue;
      try {
        entry.call(value);
      } catch (error) {
        this.#logger.error('tidings: a handler threw; the others were called all the same', error);
      }
    }
  }
}

/** The application's handlers by frame type, `*` being every type. */
export class Handlers {
  readonly #byType = new Map<string, Listeners<never>>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  on(type: string, handler: (frame: never) => void): () => void {
    let listeners = this.#byType.get(type);
    if (!listeners) {
      listeners = new Listeners(this.#logger);
      this.#byType.set(type, listeners);
    }
    return listeners.add(handler);
  }

  emit(frame: ServerFrame): void {
    this.#byType.get(frame.type)?.emit(frame as never);
    this.#byType.get('*')?.emit(frame as never);
  }
}
