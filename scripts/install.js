import { spawnSync } from 'node:child_process';
import { findNode } from './pinned-node.js';
import { root, workspaceFolders } from './repository.js';
import { fail, say, seconds } from './say.js';
import { clearStamp, hashOf, readStamp, writeStamp } from './stamp.js';

/**
 * Installs what package-lock.json names, unless that was done already for these very files on this kind of machine.
 * `npm install` and not `npm ci`: ci refuses the lock where a registry lacks an optional package of another platform.
 */
export function ensureInstalled() {
  const manifests = ['package.json', ...workspaceFolders().map((folder) => `${folder}/package.json`)];
  const wanted = `${process.platform}-${process.arch} ${hashOf(['package-lock.json', ...manifests])}`;
  if (readStamp('installed') === wanted && findNode()) return;
  const start = performance.now();
  say('Installing packages (a minute or so the first time) …');
  clearStamp('installed');
  npmInstall();
  if (!findNode()) {
    fail(
      'npm installed the packages but not Node 24, which everything runs on.\n' +
        'If npm is set to ignore install scripts, run `npm rebuild node --ignore-scripts=false`; otherwise use Node 24 or newer.',
    );
  }
  writeStamp('installed', wanted);
  say(`Installed in ${seconds(start)}.`);
}

function npmInstall() {
  // Dev dependencies always, even under NODE_ENV=production: the pinned Node is one. Errors only: npm would warn that
  // the Node at hand is too old for packages that it will never run.
  const args = ['install', '--no-save', '--include=dev', '--loglevel=error', '--no-progress'];
  const npmScript = process.env.npm_execpath;
  const result =
    npmScript && /npm-cli\.c?js$/.test(npmScript)
      ? spawnSync(process.execPath, [npmScript, ...args], { cwd: root, encoding: 'utf8' })
      : spawnSync('npm', args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
  if (result.error) fail(`npm does not start (${result.error.message}). Install npm 10 or newer beside Node.`);
  if (result.status !== 0) {
    const output = `${result.stdout}\n${result.stderr}`.trim();
    fail(`${output.split('\n').slice(-20).join('\n')}\n\nnpm could not install the packages: ${reasonOf(output)}`);
  }
}

/** @param {string} output what npm printed */
function reasonOf(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED/.test(output)) {
    return 'its registry cannot be reached. Check the network, the proxy and `npm config get registry`, then try again.';
  }
  if (/EACCES|EPERM|EROFS/.test(output)) return `it may not write here. Check who owns ${root}, then try again.`;
  if (/ENOSPC/.test(output)) return 'the disk is full. Free some 500 MB, then try again.';
  if (/E404|ETARGET/.test(output))
    return 'its registry lacks a package. Check `npm config get registry`, then try again.';
  return 'see its message above. After mending it, try again.';
}
