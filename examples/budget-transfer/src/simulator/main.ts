import { parseArgs } from 'node:util';
import { createErpSimulator } from './erp-simulator.ts';

const usage = 'Usage: node src/simulator/main.ts [--port 0] [--step-seconds 2] [--username NAME] [--password WORD]';

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      'step-seconds': { type: 'string', default: '2' },
      username: { type: 'string', default: 'fin_integration' },
      password: { type: 'string', default: 'demo' },
    },
  });
  return {
    port: readNumber('--port', values.port, 65_535),
    stepSeconds: readNumber('--step-seconds', values['step-seconds'], 3_600),
    username: values.username,
    password: values.password,
  };
}

function readNumber(flag: string, text: string, largest: number): number {
  const value = Number(text);
  if (text !== '' && value >= 0 && value <= largest) return value;
  throw new Error(`Expected ${flag} as a number from 0 to ${largest}, got "${text}".`);
}

function fail(error: unknown, exitCode: number, advice: string): never {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${advice}\n`);
  process.exit(exitCode);
}

async function main(): Promise<void> {
  const options = (() => {
    try {
      return readOptions();
    } catch (error) {
      return fail(error, 2, usage);
    }
  })();
  const simulator = createErpSimulator(options);
  const url = await simulator
    .listen(options.port)
    .catch((error) => fail(error, 1, 'Take another port, or 0 for a free one: --port 0'));
  process.stdout.write(`ERP simulator ready at ${url} (user ${options.username})\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close());
}

await main();
