import { TidingsError } from '@tidings/protocol';
import {
  createLocalJWKSet,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWK,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';
import { askService, badAnswer, defaultTimeoutMs } from './ask-service.ts';

/** Time for which keys are used without asking for newer ones, ms. */
const freshMs = 600_000;
/** Time for which keys are used while their address does not answer, ms. */
const usable = 3_600_000;
/** Time between two requests for keys that were missing, ms. */
const coolDown = 3_000;
/** Time for which a failure is remembered, ms. */
const failureHolds = 1_000;

interface Keys {
  get: JWTVerifyGetKey;
  /** Keys that no token can be checked with, by their `kid`, with the reason. */
  unusable: ReadonlyMap<string | undefined, string>;
  at: number;
}

/**
 * The public keys of an issuer, as it publishes them (JWKS, RFC 7517). That their address does not answer, or that a key is
 * newer than what was last read there, says nothing of a token.
 */
export class KeySet {
  readonly #url: string;
  readonly #timeoutMs: number;
  #keys: Keys | null = null;
  #reading: Promise<Keys> | null = null;
  #failure: { error: unknown; at: number } | null = null;
  /** When the address was last asked because a key was not there. */
  #soughtAt = Number.NEGATIVE_INFINITY;

  /** @param timeoutMs how long its address may take to answer, ms */
  constructor(url: string, timeoutMs = defaultTimeoutMs) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
  }

  /** Verifies a token. Throws what `jwtVerify` throws, and TidingsError `unavailable` if the keys cannot be had. */
  async verify(token: string, options: JWTVerifyOptions, now: number): Promise<JWTVerifyResult> {
    const before = this.#keys;
    const keys = await this.#current(now);
    try {
      return await verifyWith(keys, token, options);
    } catch (error) {
      const mayBeNewer = error instanceof errors.JWKSNoMatchingKey || isForged(error);
      if (!mayBeNewer || keys !== before) throw error;
      return verifyWith(await this.#newer(keys, now, error), token, options);
    }
  }

  async #current(now: number): Promise<Keys> {
    const keys = this.#keys;
    const age = keys === null ? Number.POSITIVE_INFINITY : Math.abs(now - keys.at);
    if (keys !== null && age < freshMs) return keys;
    return this.#read(now).catch((error: unknown) => {
      if (keys !== null && age < usable) return keys;
      throw error;
    });
  }

  /** The keys published now, for a token whose key was not there; a key that is used again for another pair counts too. */
  async #newer(keys: Keys, now: number, error: unknown): Promise<Keys> {
    // Another token has had them read since.
    if (this.#keys !== null && this.#keys !== keys) return this.#keys;
    if (this.#reading) return this.#reading;
    if (Math.abs(now - this.#soughtAt) >= coolDown) {
      this.#soughtAt = now;
      return this.#read(now);
    }
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    throw new TidingsError(
      'unavailable',
      'the key of the token is not among those that were read a moment ago (auth.jwksUrl, --jwks-url); they are read again soon',
    );
  }

  /** Reads the keys, once for all who wait for them. */
  async #read(now: number): Promise<Keys> {
    const failure = this.#failure;
    if (failure && Math.abs(now - failure.at) < failureHolds) throw failure.error;
    this.#reading ??= readKeys(this.#url, this.#timeoutMs, now).finally(() => {
      this.#reading = null;
    });
    try {
      this.#keys = await this.#reading;
      this.#failure = null;
      return this.#keys;
    } catch (error) {
      this.#failure = { error, at: now };
      throw error;
    }
  }
}

const isForged = (error: unknown): boolean => error instanceof errors.JWSSignatureVerificationFailed;

/** Tries each key that fits, where the token names none. Throws `unavailable` if its very key is one that cannot be used. */
async function verifyWith({ get, unusable }: Keys, token: string, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, get, options);
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return verifyWithOneOf(error, token, options);
    const flaw = error instanceof errors.JWKSNoMatchingKey && unusable.get(decodeProtectedHeader(token).kid);
    throw flaw ? badAnswer(option, `answers a key that cannot be used: ${flaw}`) : error;
  }
}

async function verifyWithOneOf(
  keys: errors.JWKSMultipleMatchingKeys,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  let unusable: unknown;
  for await (const key of keys) {
    try {
      return await jwtVerify(token, key, options);
    } catch (error) {
      // A key that is too short to check anything with: another of them may be the token's.
      if (error instanceof TypeError) unusable ??= error;
      else if (!isForged(error)) throw error;
    }
  }
  throw unusable ?? new errors.JWSSignatureVerificationFailed();
}

const option = 'auth.jwksUrl (--jwks-url)';

async function readKeys(url: string, timeoutMs: number, now: number): Promise<Keys> {
  const question = { timeoutMs, accept: 'application/json, application/jwk-set+json' };
  const { status, body } = await askService(option, url, question);
  if (status !== 200) throw badAnswer(option, `answers ${status}`);
  const { keys } = Object(body) as Partial<JSONWebKeySet>;
  if (!Array.isArray(keys)) {
    const isKey = 'kty' in (Object(body) as object);
    throw badAnswer(option, `answers ${isKey ? 'one key' : 'JSON'} instead of a set of keys, {"keys": [...]}`);
  }
  const flaws = keys.map(flawOf);
  const good = keys.filter((_key, index) => flaws[index] === null);
  if (good.length === 0) throw badAnswer(option, `answers a set without a usable key: ${flaws[0] ?? 'it is empty'}`);
  const unusable = new Map(keys.flatMap((key, n) => (flaws[n] == null ? [] : [[Object(key).kid, flaws[n]] as const])));
  return { get: createLocalJWKSet({ keys: good.map(withOneName) }), unusable, at: now };
}

const material: Record<string, readonly string[]> = {
  ...{ RSA: ['n', 'e'], EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'], AKP: ['pub'] },
};

/** Why no token can be checked with a key; null if one can. */
function flawOf(key: unknown): string | null {
  const members = Object(key) as Record<string, unknown>;
  const kty = String(members.kty);
  const needed = Object.hasOwn(material, kty) ? material[kty] : undefined;
  if (!needed) return `a key of type ${JSON.stringify(kty.slice(0, 20))} is no public key`;
  if ('d' in members || 'priv' in members) return 'it holds a private key, which must not be published';
  const missing = needed.filter((name) => typeof members[name] !== 'string');
  if (missing.length === 0) return null;
  return `a key ${'x5c' in members ? 'is a certificate (x5c) only and ' : ''}lacks ${missing.join(' and ')}`;
}

/** EdDSA with Ed25519 has two names (RFC 9864): the key fits tokens that use either. */
function withOneName(key: JWK): JWK {
  const { alg, ...others } = key;
  return key.crv === 'Ed25519' && (alg === 'EdDSA' || alg === 'Ed25519') ? others : key;
}
