import { TidingsError } from '@tidings/protocol';
import type { Authenticate } from '../identity/authenticator.ts';
import type { Limits, TidingsOptions } from './options.ts';

/** Options by the names they had before they were grouped and had their units in their names: accepted in 0.x, with a warning. */
export interface OldOptions {
  /** @deprecated `auth.jwtSecret` */
  jwtSecret?: string;
  /** @deprecated `auth.jwksUrl` */
  jwksUrl?: string;
  /** @deprecated `auth.issuer` */
  jwtIssuer?: string;
  /** @deprecated `auth.audience` */
  jwtAudience?: string;
  /** @deprecated `auth.claims.user` */
  userClaim?: string;
  /** @deprecated `auth.claims.username` */
  usernameClaim?: string;
  /** @deprecated `auth.claims.roles` */
  rolesClaim?: string;
  /** @deprecated `auth.clockToleranceSeconds` */
  clockTolerance?: number;
  /** @deprecated `auth.authenticate` */
  authenticate?: Authenticate;
  /** @deprecated `auth.url` */
  authUrl?: string;
  /** @deprecated `auth.adminRole` */
  adminRole?: string;
  /** @deprecated `auth.apiKeys` */
  apiKeys?: readonly string[];
  /** @deprecated `auth.allowedOrigins` */
  allowedOrigins?: readonly string[];
  /** @deprecated `callbacks.secret` */
  callbackSecret?: string;
  /** @deprecated `callbacks.origins` */
  callbackOrigins?: readonly string[];
}

/** Limits by the names they had without their unit. */
export interface OldLimits {
  /** @deprecated `roleLookbackMs` */
  roleLookback?: number;
  /** @deprecated `pingIntervalMs` */
  pingInterval?: number;
  /** @deprecated `pongTimeoutMs` */
  pongTimeout?: number;
  /** @deprecated `restartSpreadMs` */
  restartSpread?: number;
  /** @deprecated `idempotencyWindowMs` */
  idempotencyWindow?: number;
  /** @deprecated `notificationAgeMs` */
  notificationAge?: number;
  /** @deprecated `retractionAgeMs` */
  retractionAge?: number;
}

type OldName = keyof OldOptions | `limits.${keyof OldLimits}`;

/** The new name of each old one. */
export const newNames: Record<OldName, string> = {
  jwtSecret: 'auth.jwtSecret',
  jwksUrl: 'auth.jwksUrl',
  jwtIssuer: 'auth.issuer',
  jwtAudience: 'auth.audience',
  userClaim: 'auth.claims.user',
  usernameClaim: 'auth.claims.username',
  rolesClaim: 'auth.claims.roles',
  clockTolerance: 'auth.clockToleranceSeconds',
  authenticate: 'auth.authenticate',
  authUrl: 'auth.url',
  adminRole: 'auth.adminRole',
  apiKeys: 'auth.apiKeys',
  allowedOrigins: 'auth.allowedOrigins',
  callbackSecret: 'callbacks.secret',
  callbackOrigins: 'callbacks.origins',
  'limits.roleLookback': 'limits.roleLookbackMs',
  'limits.pingInterval': 'limits.pingIntervalMs',
  'limits.pongTimeout': 'limits.pongTimeoutMs',
  'limits.restartSpread': 'limits.restartSpreadMs',
  'limits.idempotencyWindow': 'limits.idempotencyWindowMs',
  'limits.notificationAge': 'limits.notificationAgeMs',
  'limits.retractionAge': 'limits.retractionAgeMs',
};

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
 * @throws TidingsError `bad_request` for an option that is given by both names
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
  return { options: options as CurrentOptions, renamed };
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
