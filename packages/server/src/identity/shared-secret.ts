import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import {
  decodeProtectedHeader,
  type JWTHeaderParameters,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
  UnsecuredJWT,
} from 'jose';

const hashes: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

/** The header under which `jose` reads claims whose signature has been checked. */
const unsecured = Buffer.from('{"alg":"none"}').toString('base64url');

/**
 * The secret that tokens are signed with. Checks a signature in place: `jose` 6.2 hands each one to another thread, which costs 64 in
 * place of 7 µs of CPU. The claims are read by `jose`, which also judges each token whose signature is not plainly good.
 */
export class SharedSecret {
  readonly #key: KeyObject;

  constructor(secret: string) {
    this.#key = createSecretKey(Buffer.from(secret));
  }

  /** Throws an error of `jose`. */
  async verify(token: string, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
    const header = headerOf(token);
    if (!header || !this.#isSigned(token, header)) {
      return jwtVerify(token, this.#key, { ...options, algorithms: Object.keys(hashes) });
    }
    const claims = token.slice(token.indexOf('.'), token.lastIndexOf('.') + 1);
    const { payload } = UnsecuredJWT.decode(unsecured + claims, options);
    return { payload, protectedHeader: header };
  }

  /** True if the signature is right, spelled as issuers spell it, and the header asks for nothing else. */
  #isSigned(token: string, { alg, crit }: JWTHeaderParameters): boolean {
    if (crit !== undefined || !Object.hasOwn(hashes, alg)) return false;
    const end = token.lastIndexOf('.');
    const right = createHmac(hashes[alg] as string, this.#key).update(token.slice(0, end));
    const [signature, expected] = [Buffer.from(token.slice(end + 1)), Buffer.from(right.digest('base64url'))];
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  }
}

function headerOf(token: string): JWTHeaderParameters | null {
  try {
    return decodeProtectedHeader(token) as JWTHeaderParameters;
  } catch {
    return null;
  }
}
