import { startNodeServer } from '../node-server.ts';
import { apiKey, host, type RunningPeer } from '../peer.ts';

/**
 * Socket.IO 4 with rooms, published to by HTTP. It stores nothing: a notification nobody is there for is gone, but with `recovers`,
 * which keeps what connections that broke may still ask for in memory.
 */
export async function startSocketIo({ recovers = false, port = 0 } = {}): Promise<RunningPeer> {
  const args = [String(port), ...(recovers ? ['recovers'] : [])];
  const server = await startNodeServer(new URL('./socket-io-process.ts', import.meta.url), args);
  const headers = { Authorization: `Bearer ${apiKey}` };
  return {
    ...{ name: 'socket.io', dialect: 'socket.io', port: server.port, pid: server.pid },
    claims: (sub) => ({ sub }),
    load: {
      by: 'publishing',
      target: { url: `http://${host}:${server.port}`, path: '/publish', headers, form: 'socket.io' },
    },
    cpuSeconds: server.cpuSeconds,
    stop: server.stop,
  };
}
