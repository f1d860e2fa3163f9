import type { NotifyInput } from '@tidings/protocol';

/**
 * Whom an item concerns. What is sent to a role or to everyone may concern anybody, and is wide: it overtakes nothing and
 * nothing overtakes it. A person named now by id, now by a different username counts as two.
 */
export interface Lanes {
  names: readonly string[];
  wide: boolean;
}

const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

/** Reads `to` without trusting its shape, which the server judges. */
export function lanesOf(input: Pick<NotifyInput, 'to'>): Lanes {
  const to = (input.to ?? {}) as Record<string, unknown>;
  const names = [to.user, to.username, to.users, to.usernames].flatMap(listed).map(String);
  return { names: [...new Set(names)], wide: names.length === 0 };
}

/** The lanes that are taken, each as often as it was added. */
export class LaneSet {
  readonly #taken = new Map<string, number>();
  #items = 0;
  #wide = 0;

  /** Whether an item in these lanes has to wait. */
  blocks(lanes: Lanes): boolean {
    if (lanes.wide) return this.#items > 0;
    return this.#wide > 0 || lanes.names.some((name) => this.#taken.has(name));
  }

  add(lanes: Lanes): void {
    this.#items++;
    if (lanes.wide) this.#wide++;
    for (const name of lanes.names) this.#taken.set(name, (this.#taken.get(name) ?? 0) + 1);
  }

  remove(lanes: Lanes): void {
    this.#items--;
    if (lanes.wide) this.#wide--;
    for (const name of lanes.names) {
      const left = (this.#taken.get(name) ?? 0) - 1;
      if (left > 0) this.#taken.set(name, left);
      else this.#taken.delete(name);
    }
  }
}
