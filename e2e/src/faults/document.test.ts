import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faults } from './faults.ts';

test('docs/faults.md says of each fault what happens', () => {
  const page = readFileSync(new URL('../../../docs/faults.md', import.meta.url), 'utf8');
  const section = page.split('## What fails\n')[1]?.split('\n## ')[0] ?? '';
  const rows = [...section.matchAll(/^\| ([^|]+) \| ([^|]+) \|$/gm)].map(([, name, about]) => ({ name, about }));
  expect(rows.slice(1)).toEqual(faults.map(({ name, about }) => ({ name, about })));
});
