import { SignJWT } from 'jose';
import { type RunningPeer, secret } from './peers/peer.ts';

const key = new TextEncoder().encode(secret);

const signed = (claims: Record<string, unknown>): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h').sign(key);

/** A token for each of the users "0", "1", and so on. */
export function tokensFor(peer: Pick<RunningPeer, 'claims'>, count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, (_, user) => signed(peer.claims(String(user)))));
}

/** A token of a user of Tidings. */
export const tokenOf = (sub: string): Promise<string> => signed({ sub });
