import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { flagOf, type Setting, settings } from './settings.ts';

const sources = join(import.meta.dirname, '..');
const files = globSync('**/*.ts', { cwd: sources }).filter(
  (file) => !/^cli|\.(test|contract)\.ts$|settings\.ts$/.test(file.replaceAll('\\', '/')),
);
const flags = new Map(Object.entries(settings).map(([name, { option }]: [string, Setting]) => [flagOf(name), option]));

test('what the library says names an option as code does, wherever it names its flag', () => {
  const lines = files.flatMap((file) =>
    readFileSync(join(sources, file), 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(\/?\*|\/\/)/.test(line))
      .map((line) => ({ file, line: line.trim() })),
  );
  const wrong = lines.filter(({ line }) =>
    [...line.matchAll(/--[a-z]+(-[a-z]+)*/g)].some(([flag]) => {
      const option = flags.get(flag);
      return option !== undefined && !line.includes(option);
    }),
  );
  expect(wrong).toEqual([]);
  expect(lines.filter(({ line }) => line.includes('--allowed-origins')).length).toBeGreaterThan(1);
});
