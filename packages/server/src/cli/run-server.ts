import type { Logger } from 'pino';
import type { TidingsOptions } from '../config/options.ts';
import { createTidings, type Tidings } from '../server.ts';
import { logSink } from '../telemetry/log.ts';

export interface ServerRun {
  options: TidingsOptions;
  log: Logger;
  /** Makes it listen, and prints its addresses. */
  start(tidings: Tidings): Promise<void>;
}

/** The longest time of a shutdown, ms; then the process ends all the same, and loses nothing that was accepted. */
const shutdownMs = 10_000;

const signals: NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGBREAK', 'SIGHUP'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Runs a server until a signal ends it: the first one in good order, the second one at once. */
export async function runServer({ options, log, start }: ServerRun): Promise<void> {
  const tidings = await createTidings({ ...options, telemetry: logSink(log) });
  const stopped = firstSignal();
  process.on('uncaughtException', (error) => {
    log.error({ err: error }, `this server failed and ends: ${error.message}`);
    process.exit(1);
  });
  try {
    await start(tidings);
  } catch (error) {
    await tidings.close();
    throw error;
  }
  log.info(`stopping (${await stopped})`);
  const late = setTimeout(() => {
    log.error(`not stopped after ${shutdownMs / 1000} s; ending without waiting longer`);
    process.exit(1);
  }, shutdownMs);
  await tidings.close();
  clearTimeout(late);
}

function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      for (const name of signals) process.off(name, stop);
      for (const name of signals) process.on(name, () => process.exit(1));
      resolve(signal);
    };
    for (const name of signals) process.on(name, stop);
  });
}
