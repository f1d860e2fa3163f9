import { hash, timingSafeEqual } from 'node:crypto';

const digest = (key: string): Buffer => hash('sha256', key, 'buffer');

/** The keys of back ends, compared in constant time. */
export class ApiKeys {
  readonly #keys: readonly { digest: Buffer; name: string }[];

  constructor(keys: readonly string[]) {
    this.#keys = keys.map((key) => ({ digest: digest(key), name: digest(key).toString('base64url').slice(0, 12) }));
  }

  /** The name under which a key's idempotency keys are kept apart from others'; null for no key of ours. */
  nameOf(key: string): string | null {
    const asked = digest(key);
    let name: string | null = null;
    for (const known of this.#keys) if (timingSafeEqual(known.digest, asked)) name = known.name;
    return name;
  }
}
