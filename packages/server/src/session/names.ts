import type { Identity } from '../domain/identity.ts';
import type { Store } from '../domain/ports.ts';

const remembered = 50_000;

/** Binds user names to users as their tokens show them; what waited for a name then reaches its user. */
export class Names {
  readonly #store: Pick<Store, 'commit'>;
  /** Who has which name, both ways, as far as it is known: a name that went to another, or that its user gave up, is bound anew. */
  readonly #userOf = new Map<string, string>();
  readonly #nameOf = new Map<string, string>();

  constructor(store: Pick<Store, 'commit'>) {
    this.#store = store;
  }

  async bind({ id, username }: Identity): Promise<void> {
    if (this.#nameOf.get(id) === username) return;
    await this.#store.commit([{ op: 'bind', userId: id, username }]);
    this.#forget(id);
    const holder = this.#userOf.get(username);
    if (holder !== undefined) this.#forget(holder);
    if (this.#nameOf.size >= remembered) this.#forget(this.#nameOf.keys().next().value as string);
    this.#nameOf.set(id, username);
    this.#userOf.set(username, id);
  }

  #forget(userId: string): void {
    const name = this.#nameOf.get(userId);
    this.#nameOf.delete(userId);
    if (name !== undefined) this.#userOf.delete(name);
  }
}
