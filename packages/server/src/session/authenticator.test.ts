import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Authenticator, type PeopleKnown } from './authenticator.ts';

/** An application that knows who `session=alice` is, and counts how often it is asked. */
let application: Server;
let url: string;
let asked = 0;

beforeAll(async () => {
  application = createServer((request, response) => {
    asked++;
    const isKnown =
      request.headers.cookie === 'session=alice' || request.headers.authorization === 'Bearer opaque-alice';
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isKnown ? { sub: 7, username: 'alice', roles: ['admin'] } : {}));
  });
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(application.address() as { port: number }).port}/me`;
});
afterAll(() => void application.close());
beforeEach(() => {
  asked = 0;
});

/** Nobody is locked out, and what is said of roles holds. */
const known: PeopleKnown = {
  rights: { accept: async (claims) => ({ ...claims, roles: claims.roles ?? [] }) },
  revocations: { refusal: () => null },
};

const authenticator = (authUrl: string) =>
  new Authenticator(
    {
      ...{ secret: 'a secret of more than thirty-two bytes', jwksUrl: null, issuer: null, audience: null },
      ...{ userClaim: 'sub', authenticate: null, authUrl, trustQuery: false },
    },
    known,
  );

const requestWith = (headers: Record<string, string>): IncomingMessage => ({ url: '/ws/', headers }) as IncomingMessage;

it('asks the address that knows the sessions once for what comes close together', async () => {
  const auth = authenticator(url);
  const alice = { id: '7', username: 'alice', roles: ['admin'] };
  expect(await auth.authenticate(requestWith({ cookie: 'session=alice' }), 1_000)).toMatchObject(alice);
  expect(await auth.authenticate(requestWith({ cookie: 'session=alice' }), 5_900)).toMatchObject(alice);
  expect(asked).toBe(1);
  await auth.authenticate(requestWith({ cookie: 'session=alice' }), 6_100);
  expect(asked).toBe(2);
});

it('takes a bearer token that is no JWT for the application’s own, and a JWT never', async () => {
  const auth = authenticator(url);
  expect(await auth.authenticate(requestWith({ authorization: 'Bearer opaque-alice' }), 0)).toMatchObject({ id: '7' });
  const forged = requestWith({ authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiI3In0.', cookie: 'session=alice' });
  await expect(auth.authenticate(forged, 0)).rejects.toThrow(/algorithm|not a JWT/);
  expect(asked).toBe(1);
});

it('refuses whom the address does not know, and says where it does not answer', async () => {
  await expect(authenticator(url).authenticate(requestWith({ cookie: 'session=eve' }), 0)).rejects.toThrow(
    'no token came',
  );
  const dead = authenticator('http://127.0.0.1:1/me').authenticate(requestWith({ cookie: 'session=alice' }), 0);
  await expect(dead).rejects.toThrow('--auth-url) did not answer');
});
