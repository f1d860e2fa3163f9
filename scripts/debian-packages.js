import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { root } from './repository.js';

/** Packages are unpacked here that would start services if they were installed. */
const folder = join(root, 'node_modules', '.tidings', 'debian');

/** The place of a file of an unpacked package. @param {string} path as it would be under `/` */
export const unpacked = (path) => join(folder, path);

/**
 * The environment for a program: one that is unpacked finds its libraries there.
 * @param {string} program its path
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentFor(program) {
  if (!program.startsWith(folder)) return process.env;
  const lib = unpacked('usr/lib');
  const libraries = readdirSync(lib).filter((name) => name.endsWith('-linux-gnu'));
  return { ...process.env, LD_LIBRARY_PATH: libraries.map((name) => join(lib, name)).join(':') };
}

/** Reads the lists of packages. @returns {Promise<string | undefined>} why it failed */
export const updateLists = () => run('apt-get', 'update', '-qq');

/**
 * Installs packages as the machine's own.
 * @param {string[]} packages
 * @returns {Promise<string | undefined>} why it failed
 */
export const installPackages = (packages) =>
  run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages);

/**
 * Downloads packages with those that they need and this machine lacks, and unpacks them: nothing is installed.
 * @param {string[]} packages
 * @returns {Promise<string | undefined>} why it failed
 */
export async function unpackPackages(packages) {
  const archives = mkdtempSync(join(tmpdir(), 'tidings-packages-'));
  mkdirSync(join(archives, 'partial'));
  mkdirSync(folder, { recursive: true });
  const options = ['-o', `Dir::Cache::archives=${archives}`, '-o', 'APT::Sandbox::User=root'];
  let problem = await run(
    ...['apt-get', 'install', '-y', '-qq', '--download-only', '--no-install-recommends', ...options, ...packages],
  );
  for (const name of readdirSync(archives)) {
    if (name.endsWith('.deb')) problem ??= await run('dpkg-deb', '--extract', join(archives, name), folder);
  }
  rmSync(archives, { recursive: true });
  return problem;
}

/**
 * Runs a program.
 * @param {string} program
 * @param {...string} args
 * @returns {Promise<string | undefined>} why it failed
 */
async function run(program, ...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? undefined : `it ended with ${signal ?? `exit code ${code}`}`),
    );
  });
  const [said, problem] = await Promise.all([text(child.stderr), ended]);
  return problem && (said.trim() || problem);
}
