import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Place, runCli } from '../../testing/cli/cli.ts';
import { runHere } from '../../testing/cli/run-here.ts';
import { IdentityNotices } from '../identity/identity-notices.ts';
import { Tokens } from '../identity/tokens.ts';
import { silent } from '../telemetry/events.ts';

let folder: string;
let blocker: Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-cli-'));
  blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  writeFileSync(join(folder, 'letter.txt'), 'This is a letter, and no database. '.repeat(10));
});
afterAll(() => {
  blocker.close();
  rmSync(folder, { recursive: true, force: true });
});

const secret = '0123456789abcdef0123456789abcdef';

/** The sentence and the exit code of a command that is refused. */
async function refusal(args: string[], place: Partial<Place> = {}) {
  // A server has its process to itself.
  const run = args[0] === 'serve' ? runCli : runHere;
  const { code, stdout, stderr } = await run(args, { folder, ...place });
  expect(stdout.split('\n').filter((line) => line && !line.startsWith('{'))).toEqual([]);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  return { code, says: stderr.trim() };
}

it.each([
  [['serve', '--prot', '1'], /unknown option '--prot' \(Did you mean --port\?\)/],
  [['serve'], /set --jwt-secret \(TIDINGS_JWT_SECRET\), --jwks-url .* or --auth-url .* run "tidings dev"$/],
  [
    ['serve', '--jwt-secret', 'short'],
    /^tidings: --jwt-secret must have at least 32 bytes, .*; this one has 5\. "openssl/,
  ],
  [
    ['serve', '--jwt-secret', secret, '--trusted-proxies', '10.0.0.0/8,proxy.internal'],
    /: --trusted-proxies must be a list of addresses or networks, as 10\.0\.0\.0\/8 or ::1; got "proxy\.internal"$/,
  ],
  [
    ['token', '--jwt-secret', secret, '--user', 'u'.repeat(257)],
    /the claim "sub" must not have more than 256 characters/,
  ],
  [
    ['token', '--jwt-secret', secret, '--user', '42', '--roles', `a,${'r'.repeat(257)}`],
    /the claim "roles" cannot hold "rrr/,
  ],
  [
    ['serve', '--jwt-secret', secret, '--database', 'postgres://host'],
    /must be postgres:\/\/USER:PASSWORD@HOST:PORT\/NAME/,
  ],
  [['notify', 'alice', 'Hello', '--type', 'purple'], /Allowed choices are success, error, info, warning/],
  [['send', 'alice'], /say for whom in one way, and what: "tidings send <username> <message>", or <message> alone/],
  [
    ['file', 'alice', '/a.csv', '--everyone'],
    /"tidings file <username> <url>", or <url> alone with --role or --everyone/,
  ],
  [['send', 'alice', 'Hello', '--at', '2026-02-30T09:00Z'], /--at is no date; got "2026-02-30T09:00Z"/],
  [['send', 'alice', 'Hello', '--at', '2027-02-03T09:00Z', '--in', '2h'], /say when in one way: --at or --in$/],
  [['send', 'alice', 'Hello', '--wait'], /--wait needs what can be answered: --action/],
  [['send', 'alice', 'Hello', '--action', 'approve'], /--action must be as approve:Approve or reject:Reject:danger/],
  [['notify', 'alice', 'Hello', '--data', '{"n":9007199254740993}'], /--data: n must be a number that a double /],
  [['notify', 'alice', 'Hello', '--data', '{"n":1,"n":2}'], /--data: n is there twice; give it once$/],
  [['schedule', '--limit', '101'], /--limit must be 1 to 100; got "101"$/],
  [['schedule', 'cancel'], /missing required argument 'ids'/],
  [['edit', 'n1'], /say what to change: --title, /],
  [
    ['token', '--jwt-secret', secret, '--user', '42', '--no-evidence', '--roles', 'a'],
    /--no-evidence says nothing of name and roles: leave out --username and --roles$/,
  ],
  [
    ['listen', '--url', 'http://127.0.0.1:1', '--jwt-secret', secret, '--user', '42', '--roles', 'a'],
    /--roles sets roles, and so needs the API key too: --api-key \(TIDINGS_API_KEY\)$/,
  ],
  [['documents', 'versions', 'collaboration:a', '--limit', '0'], /--limit must be 1 to 100; got "0"$/],
  [['documents', 'name', 'collaboration:a'], /missing required argument 'name'/],
  [['documents', 'delete', 'collaboration:a'], /say in one way what to delete: a version, or --all /],
  [['documents', 'delete', 'collaboration:a', '--all', 'v1'], /in one way what to delete/],
  [['documents', 'resore', 'collaboration:a', 'v1'], /unknown command 'resore' \(Did you mean restore\?\)/],
  [['revoke', '--user', '42', '--token-id', 'a'], /say in one way which tokens: --user, --token-id or --session$/],
])('%j is asked in a way that cannot work', async (args, sentence) => {
  const { code, says } = await refusal(args);
  expect(says).toMatch(sentence);
  expect(code).toBe(2);
});

it('serve names a port that is taken, and a file that is no database', async () => {
  const { port } = blocker.address() as AddressInfo;
  const environment = { TIDINGS_JWT_SECRET: secret };
  const [taken, foreign] = await Promise.all([
    refusal(['serve', '--port', String(port)], { environment, isOfSources: true }),
    refusal(['serve', '--port', '0', '--database', 'sqlite:letter.txt'], { environment }),
  ]);
  expect(taken.says).toBe(
    `tidings: port ${port} of 127.0.0.1 is taken by another program; stop that one, or choose another port`,
  );
  expect(foreign.says).toMatch(/letter\.txt cannot be opened: it is not a SQLite database; name another file/);
  expect([taken.code, foreign.code]).toEqual([1, 1]);
});

it('serve warns of secrets that are on its command line, where others can read them', async () => {
  const port = ['--port', '0'];
  const database = ['--database', 'postgres://me:secret@127.0.0.1:1/none'];
  const environment = { TIDINGS_CALLBACK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' };
  const args = ['serve', ...port, ...database, '--jwt-secret', secret, '--api-key', 'key-of-the-back-end'];
  const { stdout } = await runCli(args, { folder, environment });
  expect(stdout.match(/--[\w-]+ is on the command line.* set TIDINGS_\w+/g)).toEqual([
    expect.stringMatching(/^--database .* TIDINGS_DATABASE$/),
    expect.stringMatching(/^--jwt-secret .* TIDINGS_JWT_SECRET$/),
    expect.stringMatching(/^--api-key .* TIDINGS_API_KEY$/),
  ]);
});

it('names the address of a server that does not answer, in JSON where asked', async () => {
  const { port } = blocker.address() as AddressInfo;
  const free = port === 65_535 ? port - 1 : port + 1;
  const environment = { TIDINGS_URL: `http://127.0.0.1:${free}`, TIDINGS_API_KEY: 'key' };
  const { code, stdout, stderr } = await runHere(['send', 'alice', 'Hello', '--json'], { folder, environment });
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    error: { code: 'unreachable', message: expect.stringContaining(environment.TIDINGS_URL) },
  });
  expect(stderr).toBe('');
  expect(code).toBe(1);
});

it('mints a token that the server of the same settings takes', async () => {
  const environment = { TIDINGS_JWT_SECRET: secret, TIDINGS_JWT_ISSUER: 'shop' };
  const args = ['token', '--user', '42', '--username', 'amadmin', '--roles', 'admin, finance', '--expires', '15m'];
  const { stdout, code } = await runHere([...args, '--grants', 'project:12:rw'], { folder, environment });
  const { payload } = await jwtVerify(stdout.trim(), Buffer.from(secret), { issuer: 'shop' });
  expect(payload).toMatchObject({
    ...{ sub: '42', username: 'amadmin', roles: ['admin', 'finance'], grants: ['project:12:rw'] },
  });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900);
  expect(code).toBe(0);
});

it('puts name and roles where the settings say that they are', async () => {
  const claims = { user: 'identity.id', username: 'preferred_username', roles: 'realm_access.roles' };
  const environment = {
    ...{ TIDINGS_JWT_SECRET: secret, TIDINGS_USER_CLAIM: claims.user },
    ...{ TIDINGS_USERNAME_CLAIM: claims.username, TIDINGS_ROLES_CLAIM: claims.roles },
  };
  const args = ['token', '--user', '42', '--username', 'amadmin', '--roles', 'Domain Users,finance'];
  const { stdout } = await runHere(args, { folder, environment });
  const options = { secret, jwksUrl: null, issuer: null, audience: null, claims, clockTolerance: 0 };
  expect(await new Tokens(options, new IdentityNotices(silent)).identify(stdout.trim(), Date.now())).toMatchObject({
    ...{ id: '42', username: 'amadmin', roles: ['Domain Users', 'finance'] },
  });
});
