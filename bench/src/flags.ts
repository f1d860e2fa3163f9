import { type ParseArgsOptionDescriptor, parseArgs } from 'node:util';

/** An option of a program of the benchmark. */
interface Flag extends ParseArgsOptionDescriptor {
  /** The text that `--help` prints beside it. */
  help: string;
  /** The value it takes, as `--help` prints it; `N` has to be a number above 0. */
  value?: string;
}

interface Program<Flags> {
  /** As in `npm run bench -- NAME`. */
  name: string;
  /** A sentence on what it measures. */
  measures: string;
  flags: Flags;
}

/**
 * Reads the command line of a program of the benchmark. With `--help` it prints all options, and the process ends. Where the line holds an
 * unknown option, or one without its value, this is said in a sentence, and the process ends with 2.
 */
export function flagsOrExit<const Flags extends Record<string, Flag>>(program: Program<Flags>) {
  if (process.argv.includes('--help')) {
    console.log(helpOf(program));
    process.exit();
  }
  const { flags } = program;
  try {
    const { values } = parseArgs({ options: flags });
    const found = values as Record<string, unknown>;
    for (const [name, { value }] of Object.entries(flags)) {
      if (value !== 'N' || Number(found[name]) > 0) continue;
      throw new Error(`--${name} takes a number above 0; got "${found[name]}".`);
    }
    return values;
  } catch (error) {
    // Node goes on to say how an argument may begin with a dash, which none of ours does.
    const [sentence] = (error as Error).message.split('. ');
    console.error(`${sentence?.replace(/\.$/, '')}. It takes ${taken(flags)}.`);
    process.exit(2);
  }
}

const taken = (flags: Record<string, Flag>): string =>
  Object.entries(flags)
    .map(([name, { type }]) => (type === 'string' ? `--${name} VALUE` : `--${name}`))
    .join(', ');

function helpOf({ name, measures, flags }: Program<Record<string, Flag>>): string {
  const lines = Object.entries(flags).map(([flag, { type, value = 'VALUE', help, default: usual }]) => ({
    flag: type === 'string' ? `--${flag} ${value}` : `--${flag}`,
    help: typeof usual === 'string' ? `${help} (default: ${usual})` : help,
  }));
  const width = Math.max(...lines.map(({ flag }) => flag.length));
  return [
    `npm run bench -- ${name} [options]`,
    measures,
    ...lines.map(({ flag, help }) => `  ${flag.padEnd(width)}  ${help}`),
  ].join('\n');
}
