/** A notification that an application left in the outbox. */
export interface OutboxItem {
  id: number;
  /** JSON text. */
  item: string;
}

/**
 * Notifications that applications left in transactions of their own. One node at a time takes them, in order of id of what is
 * committed; an item that a commit stores as a notification is gone in the same transaction, so that each is published once.
 */
export interface OutboxStore {
  /** True if applications can leave any. */
  readonly hasOutbox: boolean;
  /**
   * Takes what they left, oldest first, fewer where items are large, so that for `lease` ms nobody else takes any; [] where another node
   * has some.
   */
  takeOutbox(limit: number, lease: number): Promise<OutboxItem[]>;
  /** Says why one cannot be published. It stays, and is taken again once the application has mended it, and cleared the reason. */
  refuseOutbox(id: number, reason: string): Promise<void>;
}
