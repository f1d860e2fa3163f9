import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './repository.js';

/** Stamps live under node_modules, so that removing it makes everything be done again. */
const folder = join(root, 'node_modules', '.tidings');

/**
 * A hash over the names and contents of files and folders; tests inside the folders do not count.
 * @param {string[]} paths relative to the root; missing ones are skipped
 */
export function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesUnder).sort()) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesUnder(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full)
    .filter((name) => name !== 'node_modules' && !name.includes('.test.'))
    .flatMap((name) => filesUnder(`${path}/${name}`));
}

/** The text that `writeStamp` last kept under this name, or ''. @param {string} name */
export function readStamp(name) {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/**
 * Keeps a stamp.
 * @param {string} name
 * @param {string} value
 */
export function writeStamp(name, value) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), value);
}

/** Forgets a stamp, before the work that it vouches for is done again. @param {string} name */
export function clearStamp(name) {
  rmSync(join(folder, name), { force: true });
}
