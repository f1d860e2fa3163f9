import { TidingsError } from '@tidings/protocol';
import { newNames, type OldOptions } from './old-names.ts';
import {
  type AuthOptions,
  type CallbackOptions,
  type ClaimOptions,
  defaultLimits,
  type Limits,
  type TidingsOptions,
} from './options.ts';

/** Options by their present names alone. */
export type CurrentOptions = Omit<TidingsOptions, keyof OldOptions | 'limits'> & { limits?: Partial<Limits> };

/** An option that was given by its old name. */
export interface RenamedOption {
  option: string;
  use: string;
}

/**
 * Moves options that were given by an old name to the present one.
 *
 * @throws TidingsError `bad_request` for an option that is given by both names, and for one that there is not
 */
export function withNewNames(given: TidingsOptions): { options: CurrentOptions; renamed: RenamedOption[] } {
  const options: Group = { ...given };
  const renamed: RenamedOption[] = [];
  for (const [option, use] of Object.entries(newNames)) {
    const value = take(options, option.split('.'));
    if (value === undefined) continue;
    put(options, use.split('.'), value, () => {
      const message = `the option "${option}" is now "${use}", and both are given: give "${use}" alone`;
      return new TidingsError('bad_request', message);
    });
    renamed.push({ option, use });
  }
  refuseUnknown(options);
  return { options: options as CurrentOptions, renamed };
}

/** The names of the options, and of those in each group. */
const groups = {
  '': {
    ...{ database: true, listenUrl: true, auth: true, callbacks: true, trustedProxies: true, dev: true },
    ...{ telemetry: true, limits: true },
  } satisfies Record<keyof CurrentOptions, true>,
  auth: {
    ...{ jwtSecret: true, jwksUrl: true, issuer: true, audience: true, claims: true, clockToleranceSeconds: true },
    ...{ authenticate: true, url: true, adminRole: true, apiKeys: true, metricsKey: true, allowedOrigins: true },
  } satisfies Record<keyof AuthOptions, true>,
  'auth.claims': { user: true, username: true, roles: true } satisfies Record<keyof ClaimOptions, true>,
  callbacks: { secret: true, origins: true } satisfies Record<keyof CallbackOptions, true>,
  limits: defaultLimits,
};

/** A misspelt option must not count as absent. */
function refuseUnknown(options: Group): void {
  for (const [group, known] of Object.entries(groups)) {
    const path = group === '' ? [] : group.split('.');
    const given = path.reduce<unknown>((value, name) => (value as Group | undefined)?.[name], options) ?? {};
    for (const [name, value] of Object.entries(given)) {
      if (value === undefined || Object.hasOwn(known, name)) continue;
      const named = [...path, name].join('.');
      const message = `there is no option "${named}"; ${group === '' ? 'the options' : `those of "${group}"`} are ${Object.keys(known).join(', ')}`;
      throw new TidingsError('bad_request', message);
    }
  }
}

type Group = Record<string, unknown>;

/** Copies a group, so that the caller's own is not changed. */
function copyOf(group: Group, name: string): Group {
  const copy = { ...(group[name] as Group | undefined) };
  group[name] = copy;
  return copy;
}

function take(group: Group, [name = '', ...inner]: string[]): unknown {
  if (inner.length > 0) return group[name] === undefined ? undefined : take(copyOf(group, name), inner);
  const value = group[name];
  delete group[name];
  return value;
}

function put(group: Group, [name = '', ...inner]: string[], value: unknown, conflict: () => TidingsError): void {
  if (inner.length > 0) put(copyOf(group, name), inner, value, conflict);
  else if (group[name] !== undefined) throw conflict();
  else group[name] = value;
}
