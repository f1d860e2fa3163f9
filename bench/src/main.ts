// `npm run bench`: measures Tidings beside other servers, in one run, and keeps the figures.
import { measure } from './measure.ts';
import { type BenchOptions, readOptions, usage } from './options.ts';
import { conclude, resultsOf } from './report/results.ts';
import { type Summary, summarise } from './report/summary.ts';
import { markdown, table } from './report/table.ts';
import { scenarios } from './scenarios.ts';

async function bench(options: BenchOptions): Promise<void> {
  const summaries: Summary[] = [];
  for (const name of options.only) {
    const summary = summarise(await measure(scenarios[name], options));
    summaries.push(summary);
    if (!options.json) console.log(options.markdown ? markdown(summary) : table(summary));
  }
  const results = await resultsOf(options, summaries);
  await conclude('bench', results, options.json ? null : '\nserver, publisher and receiver: cores in use.');
}

function optionsOrExit(): BenchOptions {
  if (process.argv.includes('--help')) {
    console.log(usage);
    process.exit();
  }
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

try {
  await bench(optionsOrExit());
} catch (error) {
  console.error(`The benchmark failed: ${(error as Error).message}`);
  process.exitCode = 1;
}
