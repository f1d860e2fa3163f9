import type { NotifyInput } from '@tidings/protocol';

/**
 * The order a call must keep. It waits for earlier calls that have one of its own keys, and for those that own the key it
 * shares; calls that only share a key do not wait for each other.
 */
export interface OrderingKeys {
  own: readonly string[];
  /** null: none. */
  shared: string | null;
}

/** Owned by what is sent to a role or to everyone, which may concern anybody; shared by everything else that is sent. */
const anyRecipient = '*';

/** Reads `to` without trusting its shape, which the server judges. A user named by id, then by another username, counts as two. */
export function keysOfRecipients(inputs: readonly Pick<NotifyInput, 'to'>[]): OrderingKeys {
  const each = inputs.map(namesOf);
  const own = [...new Set(each.flat())];
  return each.every((names) => names.length > 0)
    ? { own, shared: anyRecipient }
    : { own: [anyRecipient, ...own], shared: null };
}

const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

function namesOf(input: Pick<NotifyInput, 'to'>): string[] {
  const to = (input.to ?? {}) as Record<string, unknown>;
  return [to.user, to.username, to.users, to.usernames].flatMap(listed).map(String);
}

/** The keys of some calls, each as often as it was added. */
export class KeySet {
  readonly #own = new Map<string, number>();
  readonly #shared = new Map<string, number>();

  /** True if a call with these keys has to wait. */
  blocks({ own, shared }: OrderingKeys): boolean {
    if (shared !== null && this.#own.has(shared)) return true;
    return own.some((key) => this.#own.has(key) || this.#shared.has(key));
  }

  add({ own, shared }: OrderingKeys): void {
    for (const key of own) count(this.#own, key, 1);
    if (shared !== null) count(this.#shared, shared, 1);
  }

  remove({ own, shared }: OrderingKeys): void {
    for (const key of own) count(this.#own, key, -1);
    if (shared !== null) count(this.#shared, shared, -1);
  }
}

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const left = (counts.get(key) ?? 0) + by;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
