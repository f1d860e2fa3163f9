/** The part of AsyncLocalStorage that the sender uses. */
export interface AsyncStorage<T> {
  run<R>(value: T, action: () => R): R;
  /** Some runtimes do not have it (Cloudflare Workers refuse it). */
  enterWith(value: T): void;
  getStore(): T | undefined;
}

/** The functions of the runtime that the sender uses. One implementation for each build: `node.ts` and `edge.ts`. */
export interface Host {
  /** Null if the runtime has no AsyncLocalStorage. */
  asyncStorage<T>(): AsyncStorage<T> | null;
  /** The first file of this relative path in the working directory or one above it; null if there is none. */
  readUpwards(relativePath: string): { path: string; text: string } | null;
  /** A UUID; later ones sort later. */
  randomId(): string;
}
