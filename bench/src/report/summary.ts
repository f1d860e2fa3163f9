import { availableParallelism } from 'node:os';
import type { Measured, Run } from '../measure.ts';
import type { PeerName } from '../peers/names.ts';
import { percentile } from '../percentile.ts';
import { type Spread, spreadOf } from './spread.ts';

/** One line of the table: a server in a scenario. Times in ms, use of the processor in cores. */
export interface Line {
  peer: PeerName;
  perSecond: number;
  /** Deliveries or publishes for each second of the server's own user and system time. */
  perCpuSecond: number;
  /** The ratio of Tidings' work for a second of the processor to the peer's: the interleaved slices. */
  tidingsIs: Spread | null;
  p50: number;
  p99: number;
  lost: number;
  wrong: number;
  refused: number;
  refusal: string | null;
  serverCores: number;
  publisherCores: number | null;
  receiverCores: number;
  /** The limit of the run, if it was not the server. */
  limit: 'pace' | 'publisher' | 'receiver' | 'machine' | 'waits' | null;
  slices: { perSecond: number; perCpuSecond: number }[];
}

export interface Summary {
  scenario: string;
  title: string;
  unit: 'deliveries' | 'publishes';
  note: string;
  absent: string[];
  lines: Line[];
}

export function summarise({ scenario, runs, absent }: Measured): Summary {
  const { name, title, unit, note } = scenario;
  const isPaced = 'perSecond' in scenario.load.pace;
  const tidings = runs.find(({ peer }) => peer === 'tidings');
  const lines = runs.map((run) => lineOf(run, unit, isPaced, tidings));
  return { scenario: name, title, unit, note, absent, lines };
}

function lineOf(run: Run, unit: Summary['unit'], isPaced: boolean, tidings: Run | undefined): Line {
  const total = (pick: (slice: Run['slices'][number]) => number) => run.slices.reduce((sum, s) => sum + pick(s), 0);
  const seconds = total((slice) => slice.seconds);
  const latencies = Float64Array.from(run.slices.flatMap((slice) => [...slice.latencies])).sort();
  const cores = {
    serverCores: total((slice) => slice.serverCpu) / seconds,
    publisherCores: run.slices[0]?.publisherCpu === null ? null : total((slice) => slice.publisherCpu ?? 0) / seconds,
    receiverCores: total((slice) => slice.receiverCpu) / seconds,
  };
  return {
    peer: run.peer,
    perSecond: total((slice) => slice[unit]) / seconds,
    perCpuSecond: total((slice) => slice[unit]) / total((slice) => slice.serverCpu),
    tidingsIs: tidings && tidings !== run ? ratios(tidings, run, unit) : null,
    ...{ p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
    ...{ lost: total((slice) => slice.lost), wrong: total((slice) => slice.wrong) },
    refused: total((slice) => slice.refused),
    refusal: run.slices.find((slice) => slice.refusal !== null)?.refusal ?? null,
    ...cores,
    limit: isPaced ? 'pace' : limitOf(cores),
    slices: run.slices.map((slice) => ({
      perSecond: slice[unit] / slice.seconds,
      perCpuSecond: slice[unit] / slice.serverCpu,
    })),
  };
}

type Cores = Pick<Line, 'serverCores' | 'publisherCores' | 'receiverCores'>;

/**
 * A process of one thread that uses nearly a whole core can do no more; nor can a machine that is full. Where nobody was
 * busy, the server waited: for the disk, for requests, or for a processor that other programs had.
 */
function limitOf({ serverCores, publisherCores, receiverCores }: Cores): Line['limit'] {
  if ((publisherCores ?? 0) > 0.9) return 'publisher';
  if (receiverCores > 0.9) return 'receiver';
  const all = serverCores + (publisherCores ?? 0) + receiverCores;
  if (all > 0.9 * availableParallelism()) return 'machine';
  return serverCores < 0.7 ? 'waits' : null;
}

function ratios(tidings: Run, other: Run, unit: Summary['unit']): Spread {
  const found = tidings.slices.map((slice, i) => {
    const beside = other.slices[i] as Run['slices'][number];
    return slice[unit] / slice.serverCpu / (beside[unit] / beside.serverCpu);
  });
  return spreadOf(found);
}
