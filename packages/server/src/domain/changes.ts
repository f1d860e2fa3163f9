import type { Change } from './writes.ts';

/** Is called with a change; with null if changes may have been missed. */
export type ChangeListener = (change: Change | null) => void;

export interface WaitOptions {
  /** The longest wait, ms; null: as long as it takes. */
  ms: number | null;
  /** Ends the wait before. */
  signal?: AbortSignal | undefined;
}

/** Changes of records, by whatever node, as they are released on this one. */
export interface Changes {
  /** Listens to the changes of a record, by its id, or to those of a kind. @returns ends that */
  listen(name: string, listener: ChangeListener): () => void;
  /** Looks, and looks again whenever one of these has changed, until something is found; null if the wait ends before. */
  waitFor<T>(names: readonly string[], options: WaitOptions, look: () => Promise<T | null>): Promise<T | null>;
}
