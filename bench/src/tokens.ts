import { SignJWT } from 'jose';
import { type RunningPeer, secret } from './peers/peer.ts';

/** A token for each of the users "0", "1", and so on. */
export function tokensFor(peer: Pick<RunningPeer, 'claims'>, count: number): Promise<string[]> {
  const key = new TextEncoder().encode(secret);
  const token = (_: unknown, user: number) =>
    new SignJWT(peer.claims(String(user))).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h').sign(key);
  return Promise.all(Array.from({ length: count }, token));
}
