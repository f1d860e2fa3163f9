import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { published } from './build-package.js';
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

/** Relative links of a page, without what they point to in it. */
const linksOf = (/** @type {string} */ text) =>
  [...text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map(([, link]) => String(link));

test.each(published)('the README of packages/%s links to nothing that npm does not publish with it', (name) => {
  const folder = join(root, 'packages', name);
  /** @type {{ files: string[] }} */
  const { files } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const links = linksOf(readFileSync(join(folder, 'README.md'), 'utf8')).map((link) => normalize(link));
  expect(links.filter((link) => !files.some((file) => link === file || link.startsWith(`${file}/`)))).toEqual([]);
  for (const link of links) expect(existsSync(join(folder, link)), link).toBe(true);
});
