import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { say, seconds } from './say.js';

/**
 * Programs that the tests need beside npm's packages, by the name of its Debian package: `commands` are looked for on the PATH, `files` in
 * full, `has` are arguments that it must run well with, and `advice` says how to get it where apt cannot.
 *
 * @type {Record<Program, { commands: string[]; files: string[]; has?: string[]; advice: string }>}
 */
const programs = {
  chromium: {
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'],
    files: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      ...[process.env.ProgramFiles, process.env['ProgramFiles(x86)']].flatMap((folder) =>
        folder
          ? [
              `${folder}\\Google\\Chrome\\Application\\chrome.exe`,
              `${folder}\\Microsoft\\Edge\\Application\\msedge.exe`,
            ]
          : [],
      ),
    ],
    advice:
      'Install Chromium or Google Chrome (Debian: apt-get install chromium; macOS: brew install --cask google-chrome).',
  },
  pgbouncer: {
    commands: ['pgbouncer'],
    files: ['/usr/sbin/pgbouncer'],
    advice: 'Install PgBouncer (Debian: apt-get install pgbouncer; macOS: brew install pgbouncer).',
  },
  'redis-server': {
    commands: ['redis-server', 'valkey-server'],
    files: [],
    advice:
      'Install Redis or Valkey so that redis-server or valkey-server is on the PATH ' +
      '(Debian: apt-get install redis-server; macOS: brew install valkey; Windows: run the tests in WSL).',
  },
  'python3-websockets': {
    commands: ['python3'],
    files: [],
    has: ['-c', 'import websockets'],
    advice:
      'Install Python 3 with the package websockets (Debian: apt-get install python3-websockets; elsewhere: pip install websockets).',
  },
};

/** @typedef {'chromium' | 'redis-server' | 'pgbouncer' | 'python3-websockets'} Program */

/**
 * Finds a program.
 * @param {Program} name
 * @returns {string | undefined}
 */
function findProgram(name) {
  const { commands, files, has } = programs[name];
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const onPath = commands.flatMap((command) => folders.map((folder) => join(folder, command + suffix)));
  return [...onPath, ...files].find((path) => isExecutable(path) && (!has || spawnSync(path, has).status === 0));
}

/**
 * Finds a program that a test cannot do without.
 * @param {Program} name
 * @returns {string}
 * @throws {Error} with what to install
 */
export function requireProgram(name) {
  const path = findProgram(name);
  if (!path) throw new Error(`This test needs ${name}, which is not on this machine. ${programs[name].advice}`);
  return path;
}

/** Installs what is missing by apt-get where that can be done unasked; else says what to install. */
export function bringPrograms() {
  const missing = missingPrograms();
  if (missing.length === 0) return;
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) aptInstall(missing);
  for (const name of missingPrograms()) {
    say(`${name} is missing: the tests that need it will fail. ${programs[name].advice}`);
  }
}

function missingPrograms() {
  return /** @type {Program[]} */ (Object.keys(programs)).filter((name) => !findProgram(name));
}

/** @param {string[]} packages */
function aptInstall(packages) {
  const start = performance.now();
  say(`Installing ${packages.join(' and ')} by apt-get …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (/** @type {string[]} */ ...args) => spawnSync('apt-get', args, { env, encoding: 'utf8' });
  apt('update', '-qq');
  const result = apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
  if (result.status === 0) return say(`Installed in ${seconds(start)}.`);
  say(
    `apt-get could not: ${(result.error?.message ?? result.stderr).trim() || `it ended with exit code ${result.status}`}`,
  );
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
