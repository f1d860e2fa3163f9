import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { limitsOf } from './limits.ts';
import { defaultLimits } from './options.ts';

it('is the defaults, and what is given', () => {
  expect(limitsOf()).toEqual(defaultLimits);
  expect(limitsOf({ restartSpreadMs: 0 })).toEqual({ ...defaultLimits, restartSpreadMs: 0 });
  expect(limitsOf({ workBurst: undefined } as object)).toEqual(defaultLimits);
});

/** The rows of the README's table of limits: the names, and the other cells, of which the second is the default with its unit. */
const rows = [...readFileSync(new URL('../../README.md', import.meta.url), 'utf8').matchAll(/^\| `(\w+)` \|(.*)\|$/gm)];
const cellsOf = new Map(rows.map(([, name = '', cells = '']) => [name, cells.split('|').map((cell) => cell.trim())]));

it.each(Object.entries(defaultLimits))(
  '%s stands in the table of the README with its default, %i, and its unit',
  (name, value) => {
    const [meaning, written = '', past] = cellsOf.get(name) ?? [];
    const units: [names: RegExp, unit: string][] = [
      [/Ms$/, 'ms'],
      [/Bytes/, 'bytes'],
      [/PerSecond$/, 'a second'],
    ];
    const unit = units.find(([names]) => names.test(name))?.[1];
    expect(written.replace(/ \(.*\)$/, '')).toBe([value.toLocaleString('en'), unit].filter(Boolean).join(' '));
    expect(meaning).toMatch(/\w/);
    expect(past).toMatch(/\w/);
  },
);

it('has no row for what is no limit', () => {
  expect([...cellsOf.keys()].filter((name) => !Object.hasOwn(defaultLimits, name))).toEqual([]);
});
