import { parseArgs } from 'node:util';
import { type PeerName, peerNames } from './peers/names.ts';
import { type ScenarioName, scenarioNames } from './scenarios.ts';

export interface BenchOptions {
  only: readonly ScenarioName[];
  peers: readonly PeerName[];
  /** Seconds of load for each scenario and peer. */
  seconds: number;
  /** The number of interleaved parts these seconds are split into. */
  slices: number;
  /** Centrifugo's executable; null leaves it out. */
  centrifugo: string | null;
  /** Print JSON in place of the table. */
  json: boolean;
  /** Print the tables as Markdown. */
  markdown: boolean;
}

export const usage = `npm run bench -- [options]
  --only ${scenarioNames.join()}   scenarios to run (default: all)
  --peers ${peerNames.join()}   who takes part (default: all that are at hand)
  --seconds N                   load for each scenario and peer (default: 5)
  --rounds N                    parts of that load, in which the servers take turns (default: 3)
  --quick                       one second each: a look, not a measurement
  --centrifugo PATH             Centrifugo 6's executable
  --json                        print JSON in place of the table
  --markdown                    print the tables as Markdown`;

/** Reads the command line. Throws an Error whose message says what was expected. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      peers: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      centrifugo: { type: 'string' },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
    },
  });
  const seconds = values.seconds === undefined ? (values.quick ? 1 : 5) : Number(values.seconds);
  if (!(seconds > 0)) throw new Error(`--seconds must be a number above 0; got ${values.seconds}`);
  const slices = values.rounds === undefined ? (values.quick ? 1 : 3) : Number(values.rounds);
  if (!(Number.isInteger(slices) && slices > 0)) {
    throw new Error(`--rounds must be a whole number above 0; got ${values.rounds}`);
  }
  const centrifugo = values.centrifugo ?? null;
  const present = peerNames.filter((name) => name !== 'centrifugo' || centrifugo !== null);
  const peers = listed('--peers', values.peers, peerNames) ?? present;
  if (peers.includes('centrifugo') && centrifugo === null) {
    throw new Error('centrifugo takes part with --centrifugo PATH, the path of its executable');
  }
  return {
    only: listed('--only', values.only, scenarioNames) ?? scenarioNames,
    peers,
    seconds,
    slices,
    centrifugo,
    json: values.json,
    markdown: values.markdown,
  };
}

function listed<T extends string>(flag: string, text: string | undefined, known: readonly T[]): T[] | null {
  if (text === undefined) return null;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name as T));
  if (unknown !== undefined) throw new Error(`${flag} takes ${known.join(', ')}; got "${unknown}"`);
  return known.filter((name) => names.includes(name));
}
