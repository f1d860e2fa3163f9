import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installPackages, unpacked, unpackPackages, updateLists } from './debian-packages.js';
import { say, seconds } from './say.js';

/**
 * Programs that the tests need beside npm's packages, by the name of its Debian package: `commands` are looked for on the PATH, `files` in
 * full, `has` are arguments that it must run well with, and `advice` says how to get it where apt cannot. A package of `unpack`, with others,
 * is not installed, since it starts a service, but unpacked beside the repository's own packages;
 * one that needs `others` is installed with them.
 *
 * @type {Record<Program, { commands: string[]; files: string[]; has?: string[]; unpack?: string[]; others?: string[]; advice: string }>}
 */
const programs = {
  // The same engine as the whole browser, for half of the CPU time.
  'chromium-headless-shell': {
    commands: [
      'chromium-headless-shell',
      'chromium',
      'chromium-browser',
      'google-chrome',
      'google-chrome-stable',
      'microsoft-edge',
    ],
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
      'Install Chromium or Google Chrome (Debian: apt-get install chromium-headless-shell; macOS: brew install --cask google-chrome).',
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
  openssl: unpackedProgram('usr/bin/openssl', ['openssl']),
  nginx: unpackedProgram('usr/sbin/nginx', ['nginx']),
  haproxy: unpackedProgram('usr/sbin/haproxy', ['haproxy']),
  caddy: unpackedProgram('usr/bin/caddy', ['caddy']),
  apache2: unpackedProgram('usr/sbin/apache2', ['apache2-bin']),
  varnish: unpackedProgram('usr/sbin/varnishd', ['varnish']),
  lighttpd: unpackedProgram('usr/sbin/lighttpd', ['lighttpd', 'lighttpd-mod-openssl']),
  // Makes system calls fail, for the faults of a disk.
  strace: { commands: ['strace'], files: [], advice: 'Install strace (Debian: apt-get install strace).' },
  // Varnish compiles its configuration.
  gcc: {
    commands: ['cc', 'gcc'],
    files: [],
    others: ['libc6-dev'],
    advice: 'Install a C compiler (Debian: apt-get install gcc libc6-dev).',
  },
};

/**
 * @typedef {'chromium-headless-shell' | 'redis-server' | 'pgbouncer' | 'python3-websockets' | 'openssl' | 'gcc' | 'strace' | Proxy} Program
 * @typedef {'nginx' | 'haproxy' | 'caddy' | 'apache2' | 'varnish' | 'lighttpd'} Proxy
 */

/**
 * A program of a package that is not installed.
 * @param {string} path
 * @param {string[]} unpack
 */
function unpackedProgram(path, unpack) {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const advice = `Install ${name} (Debian: apt-get install ${unpack.join(' ')}; macOS: brew install ${name}).`;
  return { commands: [name], files: [unpacked(path), `/${path}`], unpack, advice };
}

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

/**
 * Installs what is missing by apt-get where that can be done unasked.
 * @returns {Promise<string[]>} what came of it, and what to install
 */
export async function bringPrograms() {
  const missing = missingPrograms();
  if (missing.length === 0) return [];
  const canInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  const outcome = canInstall ? [await aptInstall(missing)] : [];
  return [
    ...outcome,
    ...missingPrograms().map(
      (name) => `${name} is missing: the tests that need it will fail. ${programs[name].advice}`,
    ),
  ];
}

function missingPrograms() {
  return /** @type {Program[]} */ (Object.keys(programs)).filter((name) => !findProgram(name));
}

/**
 * @param {Program[]} missing
 * @returns {Promise<string>} what came of it
 */
async function aptInstall(missing) {
  const start = performance.now();
  const names = missing.join(', ');
  say(`Installing ${names} by apt-get …`);
  await updateLists();
  const unpack = missing.flatMap((name) => programs[name].unpack ?? []);
  const install = missing
    .filter((name) => !programs[name].unpack)
    .flatMap((name) => [name, ...(programs[name].others ?? [])]);
  const problem =
    (install.length > 0 && (await installPackages(install))) || (unpack.length > 0 && (await unpackPackages(unpack)));
  return problem ? `apt-get could not install ${names}: ${problem}` : `Installed ${names} in ${seconds(start)}.`;
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
