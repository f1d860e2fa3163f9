import type { Stage } from './stage.ts';

/** Something that goes wrong, and is then as it was. */
export interface Fault {
  name: string;
  /** A sentence for docs/faults.md. */
  about: string;
  /** Resolves with why it cannot strike here; null if it can. */
  missing?(stage: Stage): Promise<string | null>;
  /** True if it starts a server anew. */
  restarts?: true;
  /** True if it strikes some clients, and neither the sender nor the server that it sends to. */
  sparesSender?: true;
  strike(stage: Stage): Promise<void>;
}
