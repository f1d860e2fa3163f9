import cluster from 'node:cluster';
import { TidingsError } from '@tidings/protocol';
import type { Logger } from 'pino';
import { asTidingsError } from '../commands/refuse.ts';
import type { DatabaseLocation } from '../config/database.ts';
import { openTidings } from '../server.ts';
import { logSink } from '../telemetry/log.ts';
import type { WorkerChannel } from '../workers/messages.ts';
import { toPrimary } from '../workers/process-channels.ts';
import { Relay } from '../workers/relay.ts';
import { openSharedWriter } from '../workers/shared-writer.ts';
import { Supervisor } from '../workers/supervisor.ts';
import { endsInTime, firstSignal, ignoreSignals } from './process-end.ts';
import { runUntil, type ServerRun } from './run-server.ts';

interface PrimaryRun {
  location: DatabaseLocation;
  log: Logger;
  count: number;
}

/** Runs the process that starts so many workers, among which connections are divided, until a signal ends it. */
export async function runPrimary({ location, log, count }: PrimaryRun): Promise<void> {
  if (!cluster.isPrimary) {
    throw new TidingsError(
      'bad_request',
      '--workers cannot start workers inside a cluster of another program, as the cluster mode of PM2: start one process, in its fork mode',
    );
  }
  const relay = new Relay();
  const writer = location.kind === 'sqlite' ? await openSharedWriter(location.path, relay) : null;
  const workers = new Supervisor(relay, logSink(log));
  const stopped = firstSignal();
  const end = async (): Promise<void> => {
    await workers.stop();
    await writer?.close();
  };
  try {
    const url = await workers.start(count);
    log.info({ url, workers: count }, 'ready');
  } catch (error) {
    await end();
    throw error;
  }
  log.info(`stopping (${await stopped})`);
  await endsInTime(log, end());
}

interface WorkerRun extends Omit<ServerRun, 'start'> {
  address: { host: string; port: number };
}

/** Runs one of the workers, until the one that started it says so or is gone. */
export async function runWorker({ options, location, log: parent, address }: WorkerRun): Promise<void> {
  ignoreSignals();
  process.on('disconnect', () => process.exit(1));
  const primary = toPrimary();
  const log = parent.child({ worker: primary.number });
  try {
    const tidings = await openTidings({ ...options, telemetry: logSink(log) }, location, primary);
    await runUntil(toldToStop(primary), tidings, {
      log,
      async start() {
        const { url } = await tidings.listen(address);
        primary.send(['ready', url]);
      },
    });
    process.exit(0);
  } catch (error) {
    const { code, message } = asTidingsError(error);
    primary.send(['failed', code, message]);
    process.disconnect();
  }
}

const toldToStop = (primary: WorkerChannel): Promise<string> =>
  new Promise((resolve) => {
    primary.onMessage(([kind]) => {
      if (kind === 'stop') resolve('told so');
    });
  });
