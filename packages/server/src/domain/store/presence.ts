/** Names a session of a node in a room. */
export interface PresenceKey {
  topic: string;
  /** JSON. */
  key: string;
}

/** Changes of what one node has stored of its rooms. */
export interface PresenceWrite {
  /** The number of this write, higher than that of any before of the node. */
  number: number;
  /** The number of the write that it follows: all must be stored as that one left it. Null to write in place of all that is stored of the node. */
  after: number | null;
  /** Sessions as they are now, as JSON. */
  put: readonly (PresenceKey & { session: string })[];
  removed: readonly PresenceKey[];
  /** Rooms of which all is stored up to a message of the node, by its number. */
  upTo: readonly { topic: string; seq: number }[];
  /** Rooms in which the node has no session any more. */
  closed: readonly string[];
}

/** The sessions of a live node in one room, as far as they are stored. */
export interface StoredPresence {
  node: string;
  topic: string;
  /** The number of the message up to which all is stored; 0 if none was said to be. */
  seq: number;
  sessions: readonly { key: string; session: string }[];
}

/**
 * The sessions in rooms, by the nodes that have them. A node lives as long as it extends its lease in time, by the database's clock. What is written may be lost
 * with the database's server, for a second or so before it failed: the node's next write finds that.
 */
export interface PresenceStore {
  /** False if no other node can read what this one writes. */
  readonly sharesPresence: boolean;
  /**
   * Writes, and extends the node's lease to `leaseMs` from now, 60 s at most.
   *
   * @returns false if nothing was written, since what is stored is not what the write before left: that was lost, or the node was removed, or
   * a later one is stored
   */
  writePresence(node: string, leaseMs: number, write: PresenceWrite): Promise<boolean>;
  /** The live nodes, and of the rooms that are named up to which message all is stored. */
  presenceHeads(topics: readonly string[]): Promise<{ nodes: string[]; heads: Omit<StoredPresence, 'sessions'>[] }>;
  /** All that live nodes have stored of these rooms. */
  presence(topics: readonly string[]): Promise<StoredPresence[]>;
  /** Removes nodes whose lease ended so long ago. */
  removeLostNodes(agoMs: number): Promise<void>;
}
