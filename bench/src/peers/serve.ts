import { ownCpuSeconds } from '../load/monotonic.ts';
import type { Listening, ServerOrder } from './node-server.ts';

/** In a server's own process: says where it listens, answers what is asked, and closes when the benchmark is gone. */
export function serve(port: number, close: () => Promise<void>): void {
  process.on('message', ({ do: asked }: ServerOrder) => {
    if (asked === 'cpu') process.send?.(ownCpuSeconds());
  });
  process.on('disconnect', () => {
    void close().then(() => process.exit());
  });
  process.send?.({ port } satisfies Listening);
}
