import { TidingsError } from '@tidings/protocol';
import { check, type NameOf } from './check.ts';
import type { CurrentOptions } from './current-options.ts';
import { type DatabaseLocation, parseDatabase } from './database.ts';
import { optionsSchema } from './option-schemas.ts';

/** The name of an option in code. */
export const nameInCode: NameOf = (option) => option;

/**
 * Checks options alone and together.
 *
 * @param nameOf how errors name them
 * @returns the database that they name
 * @throws TidingsError `bad_request` for the first that is wrong, unknown, or contradicts another
 */
export function checkOptions(options: CurrentOptions, nameOf = nameInCode): DatabaseLocation {
  check(optionsSchema, options, nameOf);
  const refusal = contradiction(options, nameOf);
  if (refusal !== null) throw new TidingsError('bad_request', refusal);
  return parseDatabase(options.database, options.listenUrl, nameOf);
}

function contradiction({ auth = {}, rooms = {} }: CurrentOptions, name: NameOf): string | null {
  const { jwtSecret, jwksUrl, apiKeys = [], metricsKey, allowedOrigins = [], authenticate, url } = auth;
  if (jwtSecret !== undefined && jwksUrl !== undefined) {
    return `give ${name('auth.jwtSecret')} or ${name('auth.jwksUrl')}, not both: tokens are checked in one way`;
  }
  if (rooms.authorize !== undefined && rooms.url !== undefined) {
    return `give ${name('rooms.authorize')} or ${name('rooms.url')}, not both: the application is asked in one way`;
  }
  if (metricsKey !== undefined && apiKeys.includes(metricsKey)) {
    return `${name('auth.metricsKey')} is one of ${name('auth.apiKeys')} too, so that what reads the metrics could send; give it a key of its own`;
  }
  if (allowedOrigins.includes('*') && (authenticate ?? url) !== undefined) {
    const session = name(authenticate ? 'auth.authenticate' : 'auth.url');
    return `"*" in ${name('auth.allowedOrigins')} cannot be combined with ${session}: by the cookies of the application any page could act for its visitors; name the origins, as https://app.example.com`;
  }
  return null;
}

/** Says that nobody can connect, where no option tells who users are; null where one does. */
export function nobodyConnects({ auth = {}, dev = false }: CurrentOptions): string | null {
  if (dev || (auth.jwtSecret ?? auth.jwksUrl ?? auth.authenticate ?? auth.url) !== undefined) return null;
  return 'nobody can connect: set auth.jwtSecret, auth.jwksUrl, auth.authenticate or auth.url, which tell who users are';
}

/** Options that are right, and do nothing: a sentence on each, with what is missing. */
export function withoutEffect(
  { auth = {}, callbacks = {}, rooms = {}, dev }: CurrentOptions,
  name = nameInCode,
): string[] {
  const sentences: string[] = [];
  const { secret, origins = [] } = callbacks;
  if (secret !== undefined && origins.length === 0 && !dev) {
    sentences.push(
      `${name('callbacks.secret')} has no effect without ${name('callbacks.origins')}: a callback_url is refused as long as its origin is not named`,
    );
  }
  if (secret === undefined && origins.length > 0) {
    sentences.push(
      `${name('callbacks.origins')} has no effect without ${name('callbacks.secret')}, which signs what is posted: every callback_url is refused`,
    );
  }
  if (rooms.key !== undefined && rooms.url === undefined) {
    sentences.push(`${name('rooms.key')} has no effect without ${name('rooms.url')}, to which it is sent`);
  }
  if (auth.jwtSecret === undefined && auth.jwksUrl === undefined) {
    const ofTokens = ['issuer', 'audience', 'clockToleranceSeconds'] as const;
    for (const option of ofTokens.filter((each) => auth[each] !== undefined)) {
      sentences.push(
        `${name(`auth.${option}`)} has no effect without ${name('auth.jwtSecret')} or ${name('auth.jwksUrl')}: no token is taken`,
      );
    }
  }
  return sentences;
}
