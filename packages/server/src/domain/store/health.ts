import type { NodeIncident } from '@tidings/protocol';

/** An incident as it is stored. */
export interface StoredIncident extends NodeIncident {
  /** The time until which it is known to have gone on: as long after its beginning as it had lasted. Epoch milliseconds. */
  seenAt: number;
}

/** The incidents of all nodes, also of those that have ended. */
export interface IncidentStore {
  /** Writes incidents: new ones, and anew those that are there. Forgets the oldest that are over beyond the newest `keep`. */
  putIncidents(incidents: readonly StoredIncident[], keep: number): Promise<void>;
  /** The newest, by when they were first written, and all that go on. */
  incidents(newest: number): Promise<StoredIncident[]>;
  /**
   * Ends an incident that goes on by a restart, at the time until which it is known to have gone on.
   * @returns false if nothing was changed: the node has written it since `seenAt`, or it is over
   */
  endIncident(id: string, seenAt: number): Promise<boolean>;
}

/** The records of canaries: one for each node, until another node removes it. */
export interface CanaryStore {
  canaryRecords(): Promise<CanaryRecord[]>;
  /** Removes records, each where it is still at its rev. No client is sent that. */
  removeCanaryRecords(records: readonly CanaryRecord[]): Promise<void>;
}

interface CanaryRecord {
  id: string;
  rev: number;
}
