import { createHmac } from 'node:crypto';

export const secret = 'a secret of at least thirty-two bytes';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const sign = (text: string, key: string | Buffer): string => createHmac('sha256', key).update(text).digest('base64url');

/** Seconds since 1970, so many seconds from now. */
export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;

/** A JWT as a back end would sign it. */
export function token(claims: object, header: object = {}, key: string | Buffer = secret): string {
  const text = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode(claims)}`;
  return `${text}.${sign(text, key)}`;
}

/** A token without a signature. */
export const unsigned = (claims: object, alg: string): string => `${encode({ alg, typ: 'JWT' })}.${encode(claims)}.`;
