/** The right to move a consumer's cursor. Each lease has a greater token than those before it. */
export interface ConsumerLease {
  consumer: string;
  /** Fencing token: the store refuses what comes with an older one. */
  token: number;
  /** The rev up to which the consumer has read. */
  cursor: number;
}

/** A message for one target of a channel. */
export interface NewDelivery {
  /** Unique among all channels; the same id again is stored once. */
  id: string;
  channel: string;
  /** An address, as the channel understands it. */
  target: string;
  /** The party that serves the target. Each receiver has attempts of its own under way, so that a slow one holds up no other. */
  receiver: string;
  body: string;
  /** The time of its cause, epoch milliseconds. */
  at: number;
}

export interface Delivery extends NewDelivery {
  /** 1 for the first attempt. Fencing token: an attempt ends only by whoever began it last. */
  attempt: number;
}

/**
 * Cursors over the sequence that survive a crash. One node at a time moves a cursor; what it reads and the deliveries that follow
 * from it are stored in one transaction, so that a crash anywhere loses none and stores none twice.
 */
export interface ConsumerStore {
  /** Null while another node holds the lease. A consumer is added by a migration, at the head of that time. */
  leaseConsumer(consumer: string, ms: number): Promise<ConsumerLease | null>;
  /** Stores deliveries, moves the cursor and extends the lease by `ms` from now. False, with nothing stored, if the lease was lost. */
  advanceConsumer(lease: ConsumerLease, to: number, deliveries: readonly NewDelivery[], ms: number): Promise<boolean>;
  /** Lets another node lease it at once. */
  releaseConsumer(lease: ConsumerLease): Promise<void>;
}

/** Deliveries until they have arrived, or are given up. */
export interface DeliveryStore {
  /** The receivers for whom a delivery is due. */
  dueReceivers(channel: string): Promise<string[]>;
  /** Begins attempts of a receiver's due deliveries, so that for `ms` no other node begins one. */
  takeDeliveries(channel: string, receiver: string, limit: number, ms: number): Promise<Delivery[]>;
  /** Forgets a delivery. Nothing happens where a later attempt has begun. */
  endDelivery(delivery: Delivery): Promise<void>;
  /** Lets it be tried again at a time, epoch milliseconds by the store's clock. Nothing happens where a later attempt has begun. */
  postponeDelivery(delivery: Delivery, dueAt: number): Promise<void>;
}

/** The deliveries of all channels that do not arrive. */
export interface DeliveryBacklog {
  /** Counts, up to 10,000, those that have failed at least once, and those that have been due for `ms` and were not begun. */
  deliveryBacklog(ms: number): Promise<{ failing: number; late: number }>;
}
