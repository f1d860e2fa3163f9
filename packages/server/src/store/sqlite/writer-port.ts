import type { Head } from '../../domain/store/history.ts';
import type { WriterRequest } from './messages.ts';

/** A request before it has a number. */
export type Unnumbered = WriterRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

/** The way to the one thread that writes a database, in this process or in another. */
export interface WriterPort {
  /** Resolves when the database is open, with its newest position. Throws TidingsError with what to do. */
  open(): Promise<Head>;
  ask<T>(request: Unnumbered): Promise<T>;
  /** Why the thread ended; null while it runs. */
  readonly death: Error | null;
  close(): Promise<void>;
}

/** Requests cross to the writer as JSON, as its answers do: many small objects cost half of what they do as a structured clone. */
export const asText = (request: WriterRequest): string => JSON.stringify(request);
