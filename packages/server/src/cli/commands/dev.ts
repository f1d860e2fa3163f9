import { TidingsError } from '@tidings/protocol';
import type { Command } from 'commander';
import { checkOptions } from '../../config/check-options.ts';
import { devOptions, saveDevUrl } from '../../config/dev.ts';
import { settings } from '../../config/settings.ts';
import { GivenSettings } from '../../config/sources.ts';
import type { Tidings } from '../../server.ts';
import { readyLines } from '../ready-lines.ts';
import { addSettings } from '../setting-flags.ts';

const names = ['port', 'database', 'logLevel'] as const;

const firstPort = 8000;
const lastPort = 8099;
const loopback = ['127.0.0.1', '::1'];

/** `tidings dev`: a server for the first five minutes, that takes users at their word and answers to this machine only. */
export function dev(program: Command): void {
  const command = program.command('dev').description('run a server to try things out: this machine only, no tokens');
  addSettings(command, names, { database: settings.database.about.replace('./tidings.db', './.tidings/dev.db') })
    .option('--json', 'print where it is as one line of JSON')
    .action((flags: Record<string, unknown>) => run(flags));
}

async function run(flags: Record<string, unknown>): Promise<void> {
  const given = new GivenSettings({ flags, environment: process.env });
  const { port, database, logLevel = 'info' } = given.read(names);
  const folder = process.cwd();
  const own = devOptions(folder);
  const options = database === undefined ? own : { ...own, database };
  const location = checkOptions(options, given.nameOf);
  // Loaded here, so that the other commands start without the server's parts.
  const { createLog } = await import('../log.ts');
  const { runServer } = await import('../run-server.ts');
  const log = createLog(process.stderr, logLevel, 'by terminal');
  await runServer({
    ...{ options, location, log },
    async start(tidings) {
      const { url, port: actual } = await listen(tidings, port);
      saveDevUrl(folder, url);
      const apiKey = options.auth?.apiKeys?.[0] ?? '';
      if (flags.json) console.log(JSON.stringify({ ok: true, url, api_key: apiKey, test_page: `${url}/test` }));
      else console.log(readyLines({ url, apiKey, note: port === undefined && actual !== firstPort ? taken : '' }));
    },
  });
}

const taken = `Port ${firstPort} is taken by another program, so this is the next free one.`;

/** Listens on the port that was asked for, or else on the first free one. */
async function listen(tidings: Tidings, asked: number | undefined): Promise<{ url: string; port: number }> {
  if (asked !== undefined) return tidings.listen({ host: loopback, port: asked });
  for (let port = firstPort; ; port++) {
    try {
      return await tidings.listen({ host: loopback, port });
    } catch (error) {
      const isTaken = error instanceof TidingsError && error.code === 'conflict';
      if (!isTaken || port === lastPort) throw error;
    }
  }
}
