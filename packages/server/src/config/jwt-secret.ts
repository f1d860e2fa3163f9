import { TidingsError } from '@tidings/protocol';

/** The shortest HS256 secret that RFC 7518 (section 3.2) allows, bytes. */
const shortestSecret = 32;

/**
 * @param name of the setting, as its operator knows it
 * @throws TidingsError `bad_request` for a secret that can be guessed from a token; undefined is none
 */
export function checkJwtSecret(secret: string | undefined, name: string): void {
  const length = secret === undefined ? shortestSecret : Buffer.byteLength(secret);
  if (length >= shortestSecret) return;
  throw new TidingsError(
    'bad_request',
    `${name} must have at least ${shortestSecret} bytes, since a shorter one can be guessed from any token; this one has ${length}. "openssl rand -base64 32" makes one; what signs the tokens must use the same`,
  );
}
