/** By how much unread counts changed in the transaction under way, and were not yet written down. */
export class UnreadDeltas {
  #byUser = new Map<string, Map<string, number>>();

  add(userId: string, category: string, by: number): void {
    if (by === 0) return;
    const categories = this.#byUser.get(userId) ?? new Map<string, number>();
    this.#byUser.set(userId, categories.set(category, (categories.get(category) ?? 0) + by));
  }

  /** What one user's were, which are gone with this. */
  drop(userId: string): void {
    this.#byUser.delete(userId);
  }

  clear(): void {
    this.#byUser.clear();
  }

  /** Hands over all there is. */
  take(write: (userId: string, category: string, by: number) => void): void {
    const taken = this.#byUser;
    if (taken.size === 0) return;
    this.#byUser = new Map();
    for (const [userId, categories] of taken) {
      for (const [category, by] of categories) if (by !== 0) write(userId, category, by);
    }
  }
}
