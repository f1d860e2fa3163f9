import type { BenchOptions } from '../options.ts';
import type { Scenario } from '../scenarios.ts';
import { startCSend } from './c-send/c-send.ts';
import { startCentrifugo } from './centrifugo/centrifugo.ts';
import type { PeerName } from './names.ts';
import type { RunningPeer } from './peer.ts';
import { startSocketIo } from './socket-io/socket-io.ts';
import { startTidings } from './tidings/tidings.ts';
import { startWorkers } from './tidings/workers.ts';

/** Starts those who take part in a scenario; `absent` says who does not and why. */
export async function startPeers(
  scenario: Scenario,
  options: BenchOptions,
): Promise<{ peers: RunningPeer[]; absent: string[] }> {
  const peers: RunningPeer[] = [];
  const absent: string[] = [];
  const start: Record<PeerName, () => Promise<RunningPeer | { absent: string }>> = {
    tidings: () => startTidings(),
    workers: startWorkers,
    'socket.io': () => startSocketIo(),
    'c-send': startCSend,
    centrifugo: () => startCentrifugo(options.centrifugo as string),
  };
  try {
    for (const name of options.peers) {
      if (!scenario.peers.includes(name)) continue;
      const peer = await start[name]();
      if ('absent' in peer) absent.push(`${name}: ${peer.absent}`);
      else peers.push(peer);
    }
    return { peers, absent };
  } catch (error) {
    await Promise.all(peers.map((peer) => peer.stop()));
    throw error;
  }
}
