import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './repository.js';

const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');

/** Lines of prose that are longer than 100 characters: not of tables, code, or pictures, which cannot be wrapped. */
function longLines(/** @type {string} */ text) {
  let isCode = false;
  return text.split('\n').filter((line) => {
    if (/^\s*```/.test(line)) isCode = !isCode;
    return !isCode && [...line].length > 100 && !/^\s*(\||!\[)/.test(line);
  });
}

test.each(pages)('%s wraps its lines at 100 columns', (page) => {
  expect(longLines(readFileSync(join(root, page), 'utf8'))).toEqual([]);
});
