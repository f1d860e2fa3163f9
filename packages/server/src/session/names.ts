import type { Identity } from '../domain/identity.ts';
import type { Store } from '../domain/ports.ts';

const remembered = 50_000;

/** Binds user names to users as their tokens show them; what waited for a name then reaches its user. */
export class Names {
  readonly #store: Pick<Store, 'commit'>;
  readonly #userOf = new Map<string, string>();

  constructor(store: Pick<Store, 'commit'>) {
    this.#store = store;
  }

  async bind(identity: Identity): Promise<void> {
    const { id, username } = identity;
    if (this.#userOf.get(username) === id) return;
    await this.#store.commit([{ op: 'bind', userId: id, username }]);
    if (this.#userOf.size >= remembered) this.#userOf.delete(this.#userOf.keys().next().value as string);
    this.#userOf.set(username, id);
  }
}
