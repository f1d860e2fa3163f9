/** Says who is to be let in no more. */
export interface Revocation {
  kind: 'user' | 'token' | 'session' | 'disconnect_user' | 'disconnect_session';
  value: string;
  reason: string;
  /** Epoch milliseconds. */
  at: number;
}

/** Revocations, which every node reads in the order in which they were made. */
export interface RevocationStore {
  /** Durable when it resolves. */
  revoke(revocation: Revocation): Promise<void>;
  /** Revocations after a place, oldest first, with the place to go on from. 0 is the place before the first. */
  revocations(after: number): Promise<{ items: Revocation[]; upTo: number }>;
}
