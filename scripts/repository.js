import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string} file relative to the root */
function readJson(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8'));
}

/**
 * The workspaces' folders, relative to the root, as package.json lists them.
 * @returns {string[]}
 */
export function workspaceFolders() {
  /** @type {string[]} */
  const patterns = readJson('package.json').workspaces;
  return patterns
    .flatMap((pattern) => {
      if (!pattern.endsWith('/*')) return [pattern];
      const parent = pattern.slice(0, -2);
      if (!existsSync(join(root, parent))) return [];
      return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
    })
    .filter((folder) => existsSync(join(root, folder, 'package.json')));
}

/**
 * The packages that package-lock.json has npm install: how many packages at most (some are for other platforms), and which of them ours ask for.
 * @returns {{ count: number, direct: string[] }}
 */
export function lockedPackages() {
  const locked = Object.keys(readJson('package-lock.json').packages);
  const wanted = workspaceFolders().flatMap((folder) =>
    Object.keys(readJson(`${folder}/package.json`).dependencies ?? {}),
  );
  return {
    count: locked.filter((path) => path.includes('node_modules/')).length,
    direct: [...new Set(wanted)].filter((name) => !name.startsWith('@tidings/')).sort(),
  };
}

/**
 * The JavaScript file behind a tool's command, so that it can be run by a Node of our choice without a shell.
 * @param {string} name an installed package whose command has the package's name
 */
export function toolPath(name) {
  const { bin } = readJson(`node_modules/${name}/package.json`);
  const command = typeof bin === 'string' ? bin : bin[name.replace(/^@[^/]+\//, '')];
  return join(root, 'node_modules', name, command);
}
