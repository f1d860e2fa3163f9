import type { Logger } from 'pino';

/** The longest time of a shutdown, ms; then the process ends all the same, and loses nothing that was accepted. */
const shutdownMs = 10_000;

const signals: NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGBREAK', 'SIGHUP'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Resolves with the first signal that ends this process in good order; the second one ends it at once. */
export function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      for (const name of signals) process.off(name, stop);
      for (const name of signals) process.on(name, () => process.exit(1));
      resolve(signal);
    };
    for (const name of signals) process.on(name, stop);
  });
}

/** Leaves signals to the process that started this one, which has them too: of a terminal, or of a service manager. */
export function ignoreSignals(): void {
  for (const name of signals) process.on(name, () => {});
}

/** The longest time for the last lines of a log, ms. A reader that stands still does not hold the process. */
const lastLinesMs = 1_000;

/** Waits for a shutdown, which has its time. */
export async function endsInTime(log: Logger, shutdown: Promise<void>): Promise<void> {
  const late = setTimeout(() => {
    log.error(`not stopped after ${shutdownMs / 1000} s; ending without waiting longer`);
    process.exit(1);
  }, shutdownMs);
  await shutdown;
  clearTimeout(late);
  setTimeout(() => process.exit(), lastLinesMs).unref();
}
