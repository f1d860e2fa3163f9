import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { inSeconds } from '../../../packages/server/testing/tokens.ts';
import { until } from '../until.ts';
import type { Attack, AttackedServer } from './attacked-server.ts';
import { type Follower, transports } from './followers.ts';

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const claims = { sub: 'mallory', roles: ['admin'] };
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that is signed well, of parts that `JSON.stringify` would not write. */
function signedText(server: AttackedServer, header: string, payload: string): string {
  const text = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${text}.${createHmac('sha256', server.secret).update(text).digest('base64url')}`;
}

/** Tokens of somebody who is not let in. */
const bad: [name: string, make: (server: AttackedServer) => string][] = [
  ['of nobody: "none"', (server) => `${encode({ alg: 'none' })}.${server.token(claims).split('.')[1]}.`],
  ['of nobody: "nOnE" with a signature', (server) => server.token(claims, { alg: 'nOnE' })],
  ['signed with a public key', (server) => server.token(claims, {}, pem)],
  ['that says RS256', (server) => server.token(claims, { alg: 'RS256' })],
  ['that says which key is right', (server) => server.token(claims, { kid: '../../dev/null' }, '')],
  ['that brings its key along', (server) => server.token(claims, { jku: 'http://127.0.0.1:1/', jwk: {} }, 'x')],
  ['with a header that is critical', (server) => server.token(claims, { crit: ['exp'] })],
  ['of another issuer', (server) => server.token({ ...claims, iss: 'https://evil.example' })],
  ['for another audience', (server) => server.token({ ...claims, aud: ['other'] })],
  ['for no audience', (server) => server.token({ ...claims, aud: undefined })],
  ['that has expired', (server) => server.token({ ...claims, exp: inSeconds(-61) })],
  ['that is not valid yet', (server) => server.token({ ...claims, nbf: inSeconds(120) })],
  ['that comes from the future', (server) => server.token({ ...claims, iat: inSeconds(120) })],
  ['that expires never, in its own way', (server) => server.token({ ...claims, exp: 'never' })],
  ['that refreshes', (server) => server.token({ ...claims, token_type: 'refresh' })],
  ['without a user', (server) => server.token({ roles: ['admin'] })],
  ['of a user that is __proto__ twice', (server) => signedText(server, '{"alg":"HS256"}', '{"__proto__":{"sub":"a"}}')],
  ['that is no JSON', (server) => signedText(server, '{"alg":"HS256"}', 'sub=a')],
  ['of an array', (server) => signedText(server, '{"alg":"HS256"}', '[{"sub":"a"}]')],
  ['of another, with its signature', (server) => tampered(server.token({ sub: 'ann' }))],
  ['that is an API key', (server) => server.apiKey],
];

function tampered(token: string): string {
  const [header, , signature] = token.split('.');
  return `${header}.${encode({ ...claims, iss: 'https://issuer.example', aud: 'tidings' })}.${signature}`;
}

/** Somebody who follows by each of the transports, with one token. */
async function followEverywhere(server: AttackedServer, token: string): Promise<Follower[]> {
  const followers = Object.values(transports).map((connect) => connect(server, token, {}, server.stranger()));
  for (const { frames } of followers) await until('synced', () => frames.some(({ type }) => type === 'synced'));
  return followers;
}

/** The ends of those who are closed for their token: the close code, or the status of the next poll. */
const ended = [4401, 4401, 401];
const ends = (followers: readonly Follower[]): (number | null)[] => followers.map(({ end }) => end);

async function expectEnd(followers: readonly Follower[]): Promise<void> {
  await until('the end of all of them', () => ends(followers).every((end) => end !== null), 5_000);
  expect(ends(followers)).toEqual(ended);
}

/** Somebody whose token expires while other attacks go on. */
export class Expiring {
  readonly #followers: Follower[];
  /** Epoch milliseconds. */
  readonly #at: number;

  private constructor(followers: Follower[], at: number) {
    this.#followers = followers;
    this.#at = at;
  }

  static async begin(server: AttackedServer): Promise<Expiring> {
    const exp = inSeconds(-52);
    const followers = await followEverywhere(server, server.token({ sub: 'expiring', exp }));
    // The clocks of issuer and server may be a minute apart.
    return new Expiring(followers, (exp + 60) * 1_000);
  }

  /** They are out 5 s after the token has expired. */
  async expectEnd(): Promise<void> {
    await pause(Math.max(0, this.#at - Date.now()));
    await expectEnd(this.#followers);
  }
}

export const credentials: Attack[] = [
  {
    name: 'a token that is not good opens nothing, on any transport',
    async run(server) {
      for (const [name, make] of bad) {
        const token = make(server);
        const attempts = Object.values(transports).map((connect) => connect(server, token, {}, server.stranger()));
        const headers = { ...server.stranger(), authorization: `Bearer ${token}` };
        const { status, body } = await server.call('POST', '/api/v1/actions', { action: 'ping' }, headers);
        expect([status, body.code], name).toEqual([401, 'unauthenticated']);
        for (const attempt of attempts) await until(name, () => attempt.end !== null);
        expect(ends(attempts), name).toEqual([401, 401, 401]);
      }
    },
  },
  {
    name: 'a user’s token is no API key: no route of a back end takes it, whatever its roles',
    async run(server) {
      const { paths } = (await server.call('GET', '/openapi.json')).body as Document;
      const headers = {
        ...server.stranger(),
        authorization: `Bearer ${server.token({ sub: 'root', roles: ['admin'] })}`,
      };
      let tried = 0;
      for (const [path, methods] of Object.entries(paths)) {
        for (const [method, { security = [] }] of Object.entries(methods)) {
          if (security.length === 0 || security.some((one) => 'user_token' in one)) continue;
          const body = method === 'get' || method === 'delete' ? undefined : {};
          const answer = await server.call(method.toUpperCase(), path.replace('{id}', 'x'), body, headers);
          expect(answer.status, `${method} ${path}`).toBe(401);
          tried++;
        }
      }
      expect(tried).toBeGreaterThan(10);
    },
  },
  {
    name: 'a user or token that is revoked is out within 5 s, on all transports, and stays out',
    async run(server) {
      const sub = 'revoked';
      const token = server.token({ sub, jti: 'j1', iat: inSeconds(-10) });
      for (const target of [{ token_id: 'j1' }, { user: sub }]) {
        const used = 'user' in target ? server.token({ sub, iat: inSeconds(-5) }) : token;
        const followers = await followEverywhere(server, used);
        assert.equal((await server.call('POST', '/api/v1/tokens/revoke', target)).status, 200);
        await expectEnd(followers);
        const again = Object.values(transports).map((connect) => connect(server, used, {}, server.stranger()));
        for (const attempt of again) await until('an answer', () => attempt.end !== null);
        expect(ends(again)).toEqual([401, 401, 401]);
      }
    },
  },
  {
    name: 'whoever guesses API keys is stopped, and nobody else is',
    async run(server) {
      const address = server.stranger();
      const guess = (n: number) =>
        server.call('GET', '/api/v1/notifications', undefined, {
          ...address,
          authorization: `Bearer ${server.apiKey}${n}`,
        });
      const counts: Record<number, number> = {};
      for (let n = 0; n < 1_200; n += 100) {
        const answers = await Promise.all(Array.from({ length: 100 }, (_, more) => guess(n + more)));
        for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
      }
      expect(counts[429]).toBeGreaterThan(0);
      expect((counts[401] ?? 0) + (counts[429] ?? 0)).toBe(1_200);
      expect((await server.call('GET', '/api/v1/notifications', undefined, server.stranger())).status).toBe(200);
    },
  },
];

/** The part of the served document that says who may call what. */
interface Document {
  paths: Record<string, Record<string, { security?: Record<string, unknown>[] }>>;
}
