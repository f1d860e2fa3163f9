import { TidingsError } from '@tidings/protocol';
import type { JWTHeaderParameters, JWTPayload } from 'jose';

/**
 * Names that issuers give to tokens other than access tokens: simplejwt and flask-jwt-extended `refresh`, Cognito `id`, Keycloak `Refresh`,
 * `Offline`, `ID` and `Logout`, OpenID Connect `logout+jwt`.
 */
const others = new Set(['refresh', 'rt', 'id', 'offline', 'logout', 'serialized-id']);
/** Values that the claim `token_type`, which says nothing else, may hold. */
const access = new Set(['access', 'bearer']);

/** `Refresh`, `refresh_token`, `application/rt+jwt` and the like, without what they share. */
const kindOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^application\//, '')
    .replace(/\+jwt$/, '')
    .replace(/[-_ ]?token$/, '');

/** Refuses a token that its issuer made for something else than access, by the name it has there. Throws `unauthenticated`. */
export function requireAccessToken(payload: JWTPayload, header: Partial<JWTHeaderParameters>): void {
  const { token_type, token_use, type, typ } = payload;
  if (token_type !== undefined && !(typeof token_type === 'string' && access.has(kindOf(token_type)))) {
    throw refusal("the token's token_type", token_type);
  }
  for (const [what, name] of [
    ["the token's token_use", token_use],
    ["the token's type", type],
    ["the token's typ", typ],
    ["the token's header typ", header.typ],
  ]) {
    if (typeof name === 'string' && others.has(kindOf(name))) throw refusal(what as string, name);
  }
}

const refusal = (what: string, name: unknown): TidingsError =>
  new TidingsError(
    'unauthenticated',
    `${what} is ${JSON.stringify(name)?.slice(0, 40)}; only access tokens are accepted`,
  );
