import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './repository.js';

const page = readFileSync(join(root, 'docs/delivery.md'), 'utf8');
const rows = [...page.matchAll(/^\| (\d+) \| `(.+?)` \| (.+) \|$/gm)].map(([, rule, file, name]) => ({
  rule,
  file,
  name,
}));
const pathOf = (/** @type {string} */ file) =>
  join(root, file.startsWith('packages/') ? file : `packages/server/src/${file}`);

test('each rule of delivery that is in force has a test that plays its scenario', () => {
  const [, last] = /In force\s+now,[^:]*: 1–(\d+)\./.exec(page) ?? [];
  const inForce = Array.from({ length: Number(last) }, (_, i) => String(i + 1));
  expect([...new Set(rows.map(({ rule }) => rule))]).toEqual(inForce);
});

test.each(rows)('rule $rule is played in $file: $name', ({ file, name }) => {
  const names = [
    ...readFileSync(pathOf(String(file)), 'utf8').matchAll(
      /\b(?:test|it)(?:\S*|\.each\(\[.*\]\))\(\s*(['"`])(.+?)\1,/g,
    ),
  ];
  expect(names.map(([, , one]) => one)).toContain(name);
});
