import { getHeapStatistics } from 'node:v8';
import { judged, type Probe } from '../finding.ts';

/** Shares of the memory that the process may have. */
const [scarce, exhausted] = [0.85, 0.95];

/** The use of a kind of memory, and what to do if it is scarce. Bytes. */
interface Use {
  used: number;
  limit: number;
  what: string;
  todo: string;
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;

function judge({ used, limit, what, todo }: Use) {
  const share = used / limit;
  if (share <= scarce) return null;
  const reason = `${mebibytes(used)} of ${mebibytes(limit)} of ${what} are used; ${todo}`;
  return { state: share > exhausted ? ('down' as const) : ('degraded' as const), reason };
}

/** Compares the heap with Node's limit of it, and the process with the limit of its container, where it has one. */
export const memoryProbe = (): Probe => ({
  component: 'memory',
  run() {
    const heap = getHeapStatistics();
    const constrained = process.constrainedMemory();
    // Without a limit the system answers 0, or more than any machine has.
    const isConstrained = constrained > 0 && constrained < Number.MAX_SAFE_INTEGER;
    return judged([
      judge({
        ...{ used: heap.used_heap_size, limit: heap.heap_size_limit, what: 'the heap' },
        todo: 'give Node more (--max-old-space-size), or fewer connections to this node (limits.maxConnections)',
      }),
      isConstrained
        ? judge({
            ...{ used: process.memoryUsage.rss(), limit: constrained, what: 'the memory of this container' },
            todo: 'raise its limit, or give this node fewer connections (limits.maxConnections)',
          })
        : null,
    ]);
  },
});
