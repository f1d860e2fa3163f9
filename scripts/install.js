import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { NpmProgress } from './npm-progress.js';
import { findNode } from './pinned-node.js';
import { lockedPackages, root, workspaceFolders } from './repository.js';
import { fail, say, seconds } from './say.js';
import { clearStamp, hashOf, readStamp, writeStamp } from './stamp.js';

/**
 * Installs what package-lock.json names, unless that was done already for these very files on this kind of machine.
 * `npm install` and not `npm ci`: ci refuses the lock where a registry lacks an optional package of another platform.
 */
export async function ensureInstalled() {
  const manifests = ['package.json', ...workspaceFolders().map((folder) => `${folder}/package.json`)];
  const wanted = `${process.platform}-${process.arch} ${hashOf(['package-lock.json', ...manifests])}`;
  if (readStamp('installed') === wanted && findNode()) return;
  const start = performance.now();
  const { count, direct } = lockedPackages();
  say(
    `Installing up to ${count} packages into node_modules (a minute or so the first time): ${direct.join(', ')}, and`,
  );
  say('what these need. Among them is the Node that everything runs on.');
  clearStamp('installed');
  await npmInstall();
  if (!findNode()) {
    fail(
      'npm installed the packages but not Node 24, which everything runs on.\n' +
        'If npm is set to ignore install scripts, run `npm rebuild node --ignore-scripts=false`; otherwise use Node 24 or newer.',
    );
  }
  writeStamp('installed', wanted);
  say(`Installed in ${seconds(start)}.`);
}

async function npmInstall() {
  // Dev dependencies always, even under NODE_ENV=production: the pinned Node is one. What npm fetches is logged as http; its
  // warnings are not shown, since the Node at hand may be too old for packages that it will never run.
  const args = ['install', '--no-save', '--include=dev', '--loglevel=http', '--no-progress'];
  const npmScript = process.env.npm_execpath;
  const npm =
    npmScript && /npm-cli\.c?js$/.test(npmScript)
      ? spawn(process.execPath, [npmScript, ...args], { cwd: root })
      : spawn('npm', args, { cwd: root, shell: process.platform === 'win32' });
  const progress = new NpmProgress(process.stdout, () => performance.now());
  for (const stream of [npm.stdout, npm.stderr]) {
    createInterface({ input: stream }).on('line', (line) => progress.take(line));
  }
  const status = await new Promise((resolve) => {
    npm.once('error', (error) => fail(`npm does not start (${error.message}). Install npm 10 or newer beside Node.`));
    npm.once('close', resolve);
  });
  progress.end();
  if (status !== 0) {
    const said = progress.said.filter((line) => !line.startsWith('npm warn'));
    const output = said.join('\n').trim();
    fail(`${said.slice(-20).join('\n')}\n\nnpm could not install the packages: ${reasonOf(output)}`);
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
