/** Changes in memory by a group of writes, to undo them if the group cannot be stored whole. */
export class Undo {
  #steps: (() => void)[] | null = null;

  /** Sets an entry of a map. */
  set<K, V>(map: Map<K, V>, key: K, value: V): void {
    if (this.#steps) {
      const before = map.get(key);
      const was = map.has(key);
      this.#steps.push(() => (was ? map.set(key, before as V) : map.delete(key)));
    }
    map.set(key, value);
  }

  delete<K, V>(map: Map<K, V>, key: K): void {
    const before = map.get(key);
    if (!map.delete(key)) return;
    this.#steps?.push(() => map.set(key, before as V));
  }

  push<T>(list: T[], item: T): void {
    list.push(item);
    this.#steps?.push(() => list.pop());
  }

  /** Runs a change. @returns what it returned; null if it wanted to be undone, and was */
  whole<T>(run: () => T | null): T | null {
    const steps: (() => void)[] = [];
    this.#steps = steps;
    const result = run();
    this.#steps = null;
    if (result === null) for (const step of steps.reverse()) step();
    return result;
  }
}
