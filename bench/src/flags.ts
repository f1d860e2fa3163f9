import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/**
 * Reads the command line of a program of the benchmark. Where it holds an unknown option, or one without its value, this is said in a
 * sentence, and the process ends with 2.
 * @param numbers the options that take a number above 0
 */
export function flagsOrExit<const Options extends ParseArgsOptionsConfig>(options: Options, numbers: string[] = []) {
  try {
    const { values } = parseArgs({ options });
    const found = values as Record<string, unknown>;
    const bad = numbers.find((name) => !(Number(found[name]) > 0));
    if (bad !== undefined) throw new Error(`--${bad} takes a number above 0; got "${found[bad]}".`);
    return values;
  } catch (error) {
    // Node goes on to say how an argument may begin with a dash, which none of ours does.
    const [sentence] = (error as Error).message.split('. ');
    console.error(`${sentence?.replace(/\.$/, '')}. It takes ${usageOf(options)}.`);
    process.exit(2);
  }
}

const usageOf = (options: ParseArgsOptionsConfig): string =>
  Object.entries(options)
    .map(([name, { type }]) => (type === 'string' ? `--${name} VALUE` : `--${name}`))
    .join(', ');
