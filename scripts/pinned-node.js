import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { root } from './repository.js';
import { fail } from './say.js';

const windows = process.platform === 'win32';

/**
 * The Node that runs everything: the dev dependency `node`. Where that has no build for the machine (or npm was told to
 * run no install scripts), the Node at hand, if it is as new.
 * @returns {string | undefined}
 */
export function findNode() {
  const pinned = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');
  if (existsSync(pinned)) return pinned;
  return Number.parseInt(process.versions.node, 10) >= 24 ? process.execPath : undefined;
}

/**
 * Starts the pinned Node so that our packages resolve to their TypeScript sources, on this terminal.
 * @param {string[]} args
 * @param {{ cwd?: string, stdio?: 'inherit' | 'pipe' }} [options] `cwd` defaults to the root, `stdio` to 'inherit'
 */
export function startNode(args, { cwd = root, stdio = 'inherit' } = {}) {
  const node = findNode();
  if (!node) {
    return fail(
      'Node 24 is not in node_modules. Run `npm rebuild node --ignore-scripts=false`, or use Node 24 or newer.',
    );
  }
  const child = spawn(node, ['--conditions=tidings-source', ...args], { cwd, stdio });
  /** @type {Promise<number>} */
  const exited = new Promise((resolve) => {
    child.once('error', (error) => fail(`${node} does not start: ${error.message}. Use Node 24 or newer here.`));
    child.once('close', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : (code ?? 1)));
  });
  return { child, exited };
}

/**
 * Runs the pinned Node to its end. Signals sent to this process reach it, so that it can stop in its own time.
 * @param {string[]} args
 * @param {{ cwd?: string }} [options]
 * @returns {Promise<number>} its exit code; 128 + the signal's number if a signal ended it
 */
export async function runNode(args, options) {
  const { child, exited } = startNode(args, options);
  const stop = forwardSignals(child);
  const code = await exited;
  stop();
  return code;
}

/**
 * A terminal's Ctrl-C (and Windows' console events) reach every process of the terminal by themselves; forwarding them
 * too would look like an impatient second Ctrl-C. npm repeats signals, so each kind is passed on once a second; and it
 * passes SIGTERM to its shell only, so a shell that is gone counts as SIGTERM.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {() => void} stops forwarding
 */
export function forwardSignals(child) {
  /** @type {NodeJS.Signals[]} */
  const signals = windows ? ['SIGINT', 'SIGBREAK', 'SIGHUP'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const lastAt = new Map();
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    const delivered = windows || (signal === 'SIGINT' && process.stdin.isTTY);
    if (delivered || performance.now() - (lastAt.get(signal) ?? -Infinity) < 1000) return;
    lastAt.set(signal, performance.now());
    child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (!process.env.npm_lifecycle_event || process.ppid === parent) return;
    clearInterval(watch);
    process.emit('SIGTERM', 'SIGTERM');
  }, 250);
  return () => {
    clearInterval(watch);
    for (const signal of signals) process.off(signal, forward);
  };
}
