import { TidingsError } from '@tidings/protocol';
import type { Command } from 'commander';
import { checkOptions, withoutEffect } from '../../config/check-options.ts';
import { type CurrentOptions, put } from '../../config/current-options.ts';
import {
  flagOf,
  type Setting,
  type SettingName,
  type SettingValues,
  settings,
  variableOf,
} from '../../config/settings.ts';
import { GivenSettings } from '../../config/sources.ts';
import { workerNumber } from '../../workers/process-channels.ts';
import { addSettings } from '../setting-flags.ts';

const names = Object.keys(settings) as SettingName[];

/** `tidings serve`: the server of a deployment. */
export function serve(program: Command): void {
  const command = program.command('serve').description('run the server; settings by flags, environment or file');
  addSettings(command, names)
    .option('--json', 'log structured lines at a terminal too')
    .action((flags: Record<string, unknown>) => run(flags));
}

async function run(flags: Record<string, unknown>): Promise<void> {
  const given = new GivenSettings({ flags, environment: process.env });
  const values = given.read(names);
  const options = optionsOf(values);
  const location = checkOptions(options, given.nameOf);
  const { host = '127.0.0.1', port = 8000, workers = 1 } = values;
  // Loaded here, so that the other commands start without the server's parts.
  const { createLog } = await import('../log.ts');
  const log = createLog(process.stdout, values.logLevel ?? 'info', flags.json ? 'structured' : 'by terminal');
  if (workerNumber() !== null) {
    const { runWorker } = await import('../run-workers.ts');
    return runWorker({ options, location, log, address: { host, port } });
  }
  for (const warning of warningsOf(values, { flags, given, options })) log.warn(warning);
  if (workers > 1) {
    const { runPrimary } = await import('../run-workers.ts');
    return runPrimary({ location, log, count: workers });
  }
  const { runServer } = await import('../run-server.ts');
  await runServer({
    ...{ options, location, log },
    async start(tidings) {
      const { url } = await tidings.listen({ host, port });
      log.info({ url }, 'ready');
    },
  });
}

/** The server's options. Throws `bad_request` if nothing says who its users are. */
function optionsOf(values: SettingValues): CurrentOptions {
  if ((values.jwtSecret ?? values.jwksUrl ?? values.authUrl) === undefined) {
    throw new TidingsError(
      'bad_request',
      'serve must know how to check who its users are: set --jwt-secret (TIDINGS_JWT_SECRET), --jwks-url (TIDINGS_JWKS_URL) or --auth-url (TIDINGS_AUTH_URL); to try Tidings out, run "tidings dev"',
    );
  }
  if (values.maxDataBytes !== undefined && values.limits?.maxDataBytes !== undefined) {
    throw new TidingsError('bad_request', 'set --max-data-bytes or the limit maxDataBytes of --limits, not both');
  }
  const options: Record<string, unknown> = {};
  for (const name of names) {
    const { option } = settings[name] as Setting;
    if (option !== undefined && values[name] !== undefined) put(options, option.split('.'), values[name]);
  }
  return options;
}

interface Given {
  flags: Record<string, unknown>;
  given: GivenSettings;
  options: CurrentOptions;
}

/** Sentences on what an operator should know before anything comes of it. */
function warningsOf({ jwtSecret = '', apiKey }: SettingValues, { flags, given, options }: Given): string[] {
  const onCommandLine = names.filter((name) => isSecret(name, flags[name]));
  const file = process.platform === 'win32' ? null : given.fileWith(isSecret);
  return [
    ...(jwtSecret === jwtSecret.trim() ? [] : ['the JWT secret begins or ends with white space, which is part of it']),
    ...onCommandLine.map(
      (name) =>
        `${flagOf(name)} is on the command line, which every user of this machine can read; set ${variableOf(name)}, or "${name}" in the file of --config`,
    ),
    ...(file && (file.mode & 0o044) !== 0
      ? [`${file.path} holds secrets, and other users of this machine can read it: run "chmod 600 ${file.path}"`]
      : []),
    ...(apiKey === undefined ? ['no --api-key (TIDINGS_API_KEY) is set, so no back end can send'] : []),
    ...withoutEffect(options, given.nameOf),
  ];
}

const secrets: readonly SettingName[] = ['jwtSecret', 'apiKey', 'metricsKey', 'callbackSecret', 'roomsKey'];

/** True for a setting that is given a secret: a key, or an address with a password. */
function isSecret(name: SettingName, value: unknown): boolean {
  if (value === undefined) return false;
  const hasPassword = typeof value === 'string' && URL.canParse(value) && new URL(value).password !== '';
  return secrets.includes(name) || hasPassword;
}
