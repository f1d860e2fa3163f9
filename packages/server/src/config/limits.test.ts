import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createTidings } from '../server.ts';
import { limitsOf } from './limits.ts';
import { defaultLimits, type Limits } from './options.ts';

it('is the defaults, and what is given', () => {
  expect(limitsOf()).toEqual(defaultLimits);
  expect(limitsOf({ restartSpreadMs: 0 })).toEqual({ ...defaultLimits, restartSpreadMs: 0 });
  expect(limitsOf({ workBurst: undefined } as object)).toEqual(defaultLimits);
});

it.each([
  [Number.NaN, 'NaN'],
  [-1, '-1'],
  ['5', '"5"'],
  [null, 'null'],
])('refuses %j as a limit', (value, got) => {
  const message = `limits.actionBurst must be a number, 0 or more; got ${got}`;
  expect(() => limitsOf({ pageSize: 7, actionBurst: value } as Partial<Limits>)).toThrow(
    expect.objectContaining({ code: 'bad_request', message }),
  );
});

it.each([2 ** 31, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses that clients return within %d ms', async (ms) => {
  const refused = createTidings({ dev: true, database: 'sqlite::memory:', limits: { restartSpreadMs: ms } });
  const message = `limits.restartSpreadMs must be a number from 0 to 86400000, a day: clients come back within it; got ${ms}`;
  await expect(refused).rejects.toMatchObject({ code: 'bad_request', message });
});

it('has each limit in the table of the README, with its default', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const rows = readme.matchAll(/^\| [^|]+ \| ((?:`\w+`(?:, )?)+):?[^|]* \| ([^|]+) \| [^|]+ \|$/gm);
  const told = [...rows].flatMap(([, named = '', values = '']) => {
    const numbers = values.replaceAll(/\([^)]*\)/g, '').split(', ');
    return [...named.matchAll(/\w+/g)].map(([name], n) => [name, Number(numbers[n]?.trim().replaceAll(',', ''))]);
  });
  expect(Object.fromEntries(told)).toEqual(defaultLimits);
});
