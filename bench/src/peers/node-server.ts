import { Helper, processCpuSeconds, systemTellsCpu } from '../processes.ts';

/** Messages to and from our own server processes: first that they listen, then their CPU time when asked. */
export type ServerOrder = { do: 'cpu' };
export type Listening = { port: number };

export interface NodeServer {
  port: number;
  pid: number;
  cpuSeconds: () => Promise<number>;
  /** The same as the process itself tells it, which is exact where the system tells it in steps of 10 ms. */
  ownCpuSeconds: () => Promise<number>;
  stop: () => Promise<void>;
}

/** Starts a server that is a Node module of ours. */
export async function startNodeServer(module: URL, args: readonly string[] = []): Promise<NodeServer> {
  const helper = new Helper(module, args);
  const { port } = await helper.next<Listening>();
  const pid = helper.child.pid as number;
  const ownCpuSeconds = () => helper.ask<number>({ do: 'cpu' } satisfies ServerOrder);
  return {
    ...{ port, pid, ownCpuSeconds },
    cpuSeconds: async () => (systemTellsCpu ? processCpuSeconds(pid) : ownCpuSeconds()),
    stop: () => helper.stop(),
  };
}
