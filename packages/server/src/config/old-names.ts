import type { Authenticate } from '../identity/authenticator.ts';

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
