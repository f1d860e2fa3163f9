import type { Logger } from 'pino';
import type { CurrentOptions } from '../config/current-options.ts';
import type { DatabaseLocation } from '../config/database.ts';
import { openTidings, type Tidings } from '../server.ts';
import { logSink } from '../telemetry/log.ts';
import { endsInTime, firstSignal } from './process-end.ts';

export interface ServerRun {
  /** As `checkOptions` has checked them. */
  options: CurrentOptions;
  /** The database that they name. */
  location: DatabaseLocation;
  log: Logger;
  /** Makes it listen, and prints its addresses. */
  start(tidings: Tidings): Promise<void>;
}

/** Runs a server until a signal ends it: the first one in good order, the second one at once. */
export async function runServer({ options, location, log, start }: ServerRun): Promise<void> {
  const tidings = await openTidings({ ...options, telemetry: logSink(log) }, location);
  await runUntil(firstSignal(), tidings, { log, start });
}

/** Serves until `stopped` says by what, then closes. */
export async function runUntil(
  stopped: Promise<string>,
  tidings: Tidings,
  { log, start }: Pick<ServerRun, 'log' | 'start'>,
): Promise<void> {
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
  await endsInTime(log, tidings.close());
}
