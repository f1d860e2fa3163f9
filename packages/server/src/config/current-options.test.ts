import { TidingsError } from '@tidings/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { warningsFromNow } from '../../../../testing/warnings.ts';
import { TempFolder } from '../../testing/temp-store.ts';
import { createTidings } from '../server.ts';
import { withNewNames } from './current-options.ts';
import { newNames } from './old-names.ts';
import { defaultLimits, type TidingsOptions } from './options.ts';

const nested = (path: string, value: unknown): TidingsOptions =>
  path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as TidingsOptions;

it.each(Object.entries(newNames))('takes %s as %s, and says so', (option, use) => {
  expect(withNewNames(nested(option, 'given'))).toMatchObject({
    options: nested(use, 'given'),
    renamed: [{ option, use }],
  });
});

it.each(Object.entries(newNames))('refuses %s beside %s', (option, use) => {
  const old = nested(option, 'old') as Record<string, object>;
  const now = nested(use, 'new') as Record<string, object>;
  const both = {
    ...old,
    ...now,
    ...(option.startsWith('limits.') ? { limits: { ...old.limits, ...now.limits } } : {}),
  };
  expect(() => withNewNames(both)).toThrow(
    new TidingsError('bad_request', `the option "${option}" is now "${use}", and both are given: give "${use}" alone`),
  );
});

it('keeps what else is given, changes nothing of it, and says nothing where all names are new', () => {
  const given = { adminRole: 'root', auth: { apiKeys: ['k'], claims: { user: 'id' } }, userClaim: undefined };
  expect(withNewNames({ ...given, usernameClaim: 'name' })).toEqual({
    options: { auth: { apiKeys: ['k'], adminRole: 'root', claims: { user: 'id', username: 'name' } } },
    renamed: [
      { option: 'usernameClaim', use: 'auth.claims.username' },
      { option: 'adminRole', use: 'auth.adminRole' },
    ],
  });
  expect(given.auth).toEqual({ apiKeys: ['k'], claims: { user: 'id' } });
  const current = { auth: { jwtSecret: 's' }, limits: { pageSize: 7 } };
  expect(withNewNames(current)).toEqual({ options: current, renamed: [] });
});

it('has a new name for every limit that is named by an old one', () => {
  const limits = Object.values(newNames).filter((name) => name.startsWith('limits.'));
  expect(limits.map((name) => name.split('.')[1] as string).every((name) => name in defaultLimits)).toBe(true);
});

it('warns once for each old name that a server is made with, and serves by it', async () => {
  const warnings = warningsFromNow();
  const folder = new TempFolder();
  const tidings = await createTidings({
    ...{ database: `sqlite:${folder.file()}`, jwtSecret: 's'.repeat(32), apiKeys: ['key-of-the-back-end'] },
    limits: { restartSpread: 0 },
  });
  onTestFinished(async () => {
    await tidings.close();
    folder.remove();
  });
  const renamed = [
    ['jwtSecret', 'auth.jwtSecret'],
    ['apiKeys', 'auth.apiKeys'],
    ['limits.restartSpread', 'limits.restartSpreadMs'],
  ];
  expect(warnings.map(({ name, message }) => `${name}: ${message}`)).toEqual(
    renamed.map(
      ([option, use]) =>
        `DeprecationWarning: createTidings: the option "${option}" is now "${use}"; the old name is accepted in 0.x`,
    ),
  );
  const { url } = await tidings.listen({ port: 0 });
  const headers = { authorization: 'Bearer key-of-the-back-end' };
  expect((await fetch(`${url}/api/v1/connections`, { headers })).status).toBe(200);
});
