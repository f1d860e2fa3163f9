import { join } from 'node:path';
import { startNode } from './pinned-node.js';
import { root, toolPath } from './repository.js';

/** The published packages; each comes after those that it imports. */
export const published = ['protocol', 'sender', 'client', 'server'];

/**
 * Builds one package as its `npm run build` does, by its tsdown.config.ts.
 * @param {string} name its folder under packages/
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function buildPackage(name) {
  return buildFolder(`packages/${name}`);
}

/**
 * Builds what a folder's tsdown.config.ts describes.
 * @param {string} folder relative to the root
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function buildFolder(folder) {
  return runTool([toolPath('tsdown')], join(root, folder));
}

/**
 * Runs a tool under the pinned Node and collects what it prints.
 * @param {string[]} args
 * @param {string} [cwd] defaults to the root
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export async function runTool(args, cwd = root) {
  const { child, exited } = startNode(args, { cwd, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  return { ok: (await exited) === 0, output: output.trim() };
}
