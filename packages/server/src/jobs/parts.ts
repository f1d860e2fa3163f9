import type { CommitStore } from '../domain/store/commits.ts';
import type { Write } from '../domain/writes.ts';

/** The most of the server's own writes in one transaction: what others write waits for no more of them. */
const atOnce = 50;

/** Commits what the server does by itself in parts, between which others' writes are stored. */
export async function commitInParts(store: CommitStore, writes: readonly Write[]): Promise<void> {
  for (let n = 0; n < writes.length; n += atOnce) await store.commit(writes.slice(n, n + atOnce));
}
