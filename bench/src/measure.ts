import { Contender, type Slice } from './contender.ts';
import type { BenchOptions } from './options.ts';
import type { PeerName } from './peers/names.ts';
import { startPeers } from './peers/start.ts';
import { type Scenario, sockets } from './scenarios.ts';

/** All slices of one server in one scenario, in the order they were run. */
export interface Run {
  peer: PeerName;
  slices: Slice[];
}

export interface Measured {
  scenario: Scenario;
  runs: Run[];
  absent: string[];
}

/**
 * Runs one scenario. The servers take turns, slice by slice, each in processes of its own, so that whatever else the
 * machine does falls on all of them.
 */
export async function measure(scenario: Scenario, options: BenchOptions): Promise<Measured> {
  const { peers, absent } = await startPeers(scenario, options);
  const contenders = peers.map((peer) => new Contender(peer, sockets));
  try {
    for (const contender of contenders) await contender.connect(scenario.load.audience === 'user');
    for (const contender of contenders) await contender.run(scenario, warmUp(options));
    const runs: Run[] = contenders.map(({ peer }) => ({ peer: peer.name, slices: [] }));
    for (let slice = 0; slice < options.slices; slice++) {
      for (const [i, contender] of contenders.entries()) {
        runs[i]?.slices.push(await contender.run(scenario, options.seconds / options.slices));
      }
    }
    return { scenario, runs, absent };
  } finally {
    await Promise.all(contenders.map((contender) => contender.stop()));
  }
}

/** Seconds of load before anything is counted, for compilers that optimise as they run, on the server's account. */
const warmUp = ({ seconds }: BenchOptions): number => Math.min(4, seconds / 2);
