/** The items of one owner, oldest first. */
interface Lane<T> {
  items: { item: T; cost: number }[];
  /** The cost that the lane may take now. */
  credit: number;
}

/** The credit of a lane each time its turn comes: little, so that who asks for little is served in the first round. */
const quantum = 10;

/**
 * A queue of many owners, who are served in turn, by deficit round robin: however much one of them asks for, the others get as large a
 * share. The items of one owner keep their order.
 */
export class FairQueue<T> {
  /** In the order of their turns. */
  readonly #lanes = new Map<string, Lane<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(owner: string, cost: number, item: T): void {
    const lane = this.#lanes.get(owner);
    if (lane) lane.items.push({ item, cost });
    else this.#lanes.set(owner, { items: [{ item, cost }], credit: 0 });
    this.#size++;
  }

  /** Takes items of up to this cost together; one of a higher cost is taken alone. */
  take(limit: number): T[] {
    const taken: T[] = [];
    let left = limit;
    for (let turn = this.#next(); turn; turn = this.#next()) {
      const [owner, lane] = turn;
      lane.credit += quantum;
      for (let head = lane.items[0]; head && head.cost <= lane.credit; head = lane.items[0]) {
        // It is the first of the next call.
        if (head.cost > left && taken.length > 0) return taken;
        lane.items.shift();
        this.#size--;
        lane.credit -= head.cost;
        left -= head.cost;
        taken.push(head.item);
      }
      this.#lanes.delete(owner);
      if (lane.items.length > 0) this.#lanes.set(owner, lane);
    }
    return taken;
  }

  #next(): [string, Lane<T>] | undefined {
    return this.#lanes.entries().next().value;
  }
}
