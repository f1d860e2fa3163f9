import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { checkAnswer, exchange } from './answers.ts';
import { someone, type Target } from './target.ts';
import { oddText, oddValue } from './values.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64url');
const claim = fc.oneof(oddValue, fc.constantFrom<unknown>('f', 'https://issuer.example', 'tidings', 1, 2_000_000_000));

/** Tokens of any header and claims, signed or not: only one that is signed and for this server names a user. */
export const tokens: Target = {
  name: 'tokens',
  async property(server) {
    const parts = fc.record({
      header: fc.record(
        {
          alg: fc.constantFrom('HS256', 'HS384', 'none', 'RS256', ''),
          typ: claim,
          kid: claim,
          crit: claim,
          b64: claim,
        },
        { requiredKeys: ['alg'] },
      ),
      claims: fc.record(
        {
          sub: claim,
          iss: claim,
          aud: claim,
          exp: claim,
          nbf: claim,
          iat: claim,
          jti: claim,
          roles: claim,
          username: claim,
          type: claim,
        },
        { requiredKeys: ['sub'] },
      ),
      isIssued: fc.boolean(),
      isSigned: fc.boolean(),
      tail: fc.oneof({ weight: 4, arbitrary: fc.constant('') }, { weight: 1, arbitrary: oddText }),
    });
    return fc.asyncProperty(parts, async ({ header, claims, isIssued, isSigned, tail }) => {
      const issued = isIssued ? { iss: 'https://issuer.example', aud: 'tidings' } : {};
      const text = `${encode(JSON.stringify(header))}.${encode(JSON.stringify({ ...claims, ...issued }))}`;
      const signature = createHmac('sha256', isSigned ? server.secret : 'x')
        .update(text)
        .digest('base64url');
      const token = `${text}.${signature}${tail}`.replaceAll(/[^\x21-\x7e]/g, '');
      if (token.length > 8_000) return;
      const headers = { ...server.stranger(), authorization: `Bearer ${token}` };
      const answer = await exchange(server.url, { method: 'GET', path: '/api/v1/whoami', headers });
      checkAnswer(answer);
      assert.ok([200, 401].includes(answer.status), `status ${answer.status}`);
      if (answer.status === 200) assert.ok(isSigned && header.alg === 'HS256', 'a token that is not signed was taken');
    });
  },
};

/** Cursors, by the query and as `Last-Event-ID`: whatever they are, somebody who was sent nothing is sent nothing. */
export const cursors: Target = {
  name: 'cursors',
  async property(server) {
    const whole = fc
      .tuple(fc.constantFrom('t1', 't', '', '__proto__'), fc.oneof(fc.bigInt().map(String), oddText), oddText)
      .map((parts) => parts.join(':'));
    return fc.asyncProperty(fc.oneof(whole, oddText), fc.boolean(), async (cursor, isHeader) => {
      const credentials = { ...server.stranger(), authorization: `Bearer ${server.token({ sub: someone() })}` };
      const plain = cursor
        .replaceAll(/[^\x20-\x7e\xa0-\xff]/g, '')
        .trim()
        .slice(0, 2_000);
      const query = encodeURIComponent(cursor.toWellFormed()).slice(0, 2_000);
      const answer = await exchange(
        server.url,
        isHeader
          ? { method: 'GET', path: '/api/v1/events', headers: { ...credentials, 'last-event-id': plain } }
          : { method: 'GET', path: `/api/v1/sync?wait=0&cursor=${query}`, headers: credentials },
      );
      checkAnswer(answer);
      assert.ok([200, 400].includes(answer.status), `status ${answer.status}: ${answer.text}`);
      assert.doesNotMatch(answer.text, /"snapshot":true/);
    });
  },
};
