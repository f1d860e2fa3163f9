import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './repository.js';

const folders = ['packages', 'examples', 'bench', 'contract', 'e2e', 'scripts', 'testing'];
const files = execFileSync('git', ['ls-files', ...folders], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => /\.(ts|tsx|js|mjs|css)$/.test(file));

/** The comments of a text that begin with a relative clause, each with its line. */
function relativeComments(/** @type {string} */ text) {
  const opening =
    /(?<=^|\s)(?:\/\*\*?|\/\/)\s+(?:\*\s+)?(?:What|Who|Whom|Whose|Whatever|Whoever|Where|Which|How)\b.*/gm;
  return [...text.matchAll(opening)].map(({ 0: comment, index }) => {
    return `${text.slice(0, index).split('\n').length}: ${comment}`;
  });
}

test('a comment that begins with a relative clause is found, with its line', () => {
  const words = ['What', 'Whose', 'Where', 'How'];
  expect(relativeComments(`let a;\n/** ${words[0]} is sent. */\nlet b; // ${words[1]} it is.`)).toEqual([
    `2: /** ${words[0]} is sent. */`,
    `3: // ${words[1]} it is.`,
  ]);
  expect(relativeComments(`/**\n * ${words[2]} it is.\n */`)).toHaveLength(1);
  expect(relativeComments(`/** Whether it is sent. */\nconst a = '${words[3]} it is';`)).toEqual([]);
});

test('every comment begins with the thing or a verb', () => {
  const found = files.flatMap((file) =>
    relativeComments(readFileSync(join(root, file), 'utf8')).map((comment) => `${file}:${comment}`),
  );
  expect(found).toEqual([]);
});
