import { TidingsError } from '@tidings/protocol';
import type { Command } from 'commander';
import { checkJwtSecret } from '../../config/jwt-secret.ts';
import type { TidingsOptions } from '../../config/options.ts';
import { flagOf, type SettingName, type SettingValues, variableOf } from '../../config/settings.ts';
import { readSettings } from '../../config/sources.ts';
import { workerNumber } from '../../workers/process-channels.ts';
import { addSettings } from '../setting-flags.ts';

const names = [
  ...['host', 'port', 'database', 'listenUrl', 'redis', 'jwtSecret', 'jwksUrl', 'jwtIssuer', 'jwtAudience', 'apiKey'],
  'metricsKey',
  ...['userClaim', 'usernameClaim', 'rolesClaim', 'clockTolerance'],
  ...['allowedOrigins', 'trustedProxies', 'authUrl', 'callbackOrigins', 'callbackSecret', 'adminRole'],
  ...['maxDataBytes', 'limits', 'workers', 'logLevel'],
] as SettingName[];

/** `tidings serve`: the server of a deployment. */
export function serve(program: Command): void {
  const command = program.command('serve').description('run the server; settings by flags, environment or file');
  addSettings(command, names)
    .option('--json', 'log structured lines at a terminal too')
    .action((flags: Record<string, unknown>) => run(flags));
}

async function run(flags: Record<string, unknown>): Promise<void> {
  const values = readSettings(names, { flags, environment: process.env });
  const options = optionsOf(values);
  const { host = '127.0.0.1', port = 8000, workers = 1 } = values;
  // Loaded here, so that the other commands start without the server's parts.
  const { createLog } = await import('../log.ts');
  const log = createLog(process.stdout, values.logLevel ?? 'info', flags.json ? 'structured' : 'by terminal');
  if (workerNumber() !== null) {
    const { runWorker } = await import('../run-workers.ts');
    return runWorker({ options, log, address: { host, port } });
  }
  warnOf(values, flags, (message) => log.warn(message));
  if (workers > 1) {
    const { runPrimary } = await import('../run-workers.ts');
    return runPrimary({ options, log, count: workers });
  }
  const { runServer } = await import('../run-server.ts');
  await runServer({
    ...{ options, log },
    async start(tidings) {
      const { url } = await tidings.listen({ host, port });
      log.info({ url }, 'ready');
    },
  });
}

/** The server's options. Throws `bad_request` if nothing says who its users are. */
function optionsOf(values: SettingValues): TidingsOptions {
  const { jwtSecret, jwksUrl, apiKey } = values;
  if (jwtSecret === undefined && jwksUrl === undefined) {
    throw new TidingsError(
      'bad_request',
      'serve must know how to check the tokens of users: set --jwt-secret (TIDINGS_JWT_SECRET) or --jwks-url (TIDINGS_JWKS_URL); to try Tidings out, run "tidings dev"',
    );
  }
  if (jwtSecret !== undefined && jwksUrl !== undefined) {
    throw new TidingsError('bad_request', 'set --jwt-secret or --jwks-url, not both: tokens are checked in one way');
  }
  checkJwtSecret(jwtSecret, '--jwt-secret (TIDINGS_JWT_SECRET)');
  const { database, listenUrl, jwtIssuer, jwtAudience, allowedOrigins, trustedProxies, authUrl, adminRole } = values;
  const { userClaim, usernameClaim, rolesClaim, clockTolerance, callbackOrigins, callbackSecret } = values;
  const { maxDataBytes, limits = {}, metricsKey } = values;
  if (maxDataBytes !== undefined && limits.maxDataBytes !== undefined) {
    const message = 'set --max-data-bytes or the limit maxDataBytes of --limits, not both';
    throw new TidingsError('bad_request', message);
  }
  return {
    ...{ database, listenUrl },
    auth: {
      ...{ jwtSecret, jwksUrl, issuer: jwtIssuer, audience: jwtAudience, clockToleranceSeconds: clockTolerance },
      claims: { user: userClaim, username: usernameClaim, roles: rolesClaim },
      ...{ url: authUrl, adminRole, apiKeys: apiKey, metricsKey, allowedOrigins },
    },
    callbacks: { secret: callbackSecret, origins: callbackOrigins },
    trustedProxies,
    limits: maxDataBytes === undefined ? limits : { ...limits, maxDataBytes },
  };
}

function warnOf(values: SettingValues, flags: Record<string, unknown>, warn: (message: string) => void): void {
  const { jwtSecret = '', apiKey } = values;
  if (jwtSecret !== jwtSecret.trim()) warn('the JWT secret begins or ends with white space, which is part of it');
  for (const name of secretsIn(flags)) {
    warn(
      `${flagOf(name)} is on the command line, which every user of this machine can read; set ${variableOf(name)}, or "${name}" in the file of --config`,
    );
  }
  if (apiKey === undefined) warn('no --api-key (TIDINGS_API_KEY) is set, so no back end can send');
}

/** The settings whose flags were given a secret: a key, or an address with a password. */
function secretsIn(flags: Record<string, unknown>): SettingName[] {
  const secrets: SettingName[] = ['jwtSecret', 'apiKey', 'metricsKey', 'callbackSecret'];
  const addresses: SettingName[] = ['database', 'listenUrl'];
  const hasPassword = (value: unknown): boolean =>
    typeof value === 'string' && URL.canParse(value) && new URL(value).password !== '';
  return [
    ...secrets.filter((name) => flags[name] !== undefined),
    ...addresses.filter((name) => hasPassword(flags[name])),
  ];
}
