import { expect, test } from 'vitest';
import { borrowedNames } from '../testing/bundles.ts';
import { shared } from './shared.ts';

test('further scripts take nothing that the first does not give, and all of what it does', async () => {
  const names = await borrowedNames();
  expect([...new Set(names)].sort()).toEqual(Object.keys(shared).sort());
});
