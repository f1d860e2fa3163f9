#!/usr/bin/env node
// The `tidings` command. In the repository the sources run as they are, under its pinned Node; published, the build does.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const build = new URL('../dist/main.js', import.meta.url);

if (existsSync(source)) {
  await runSource();
} else if (isOlderThan(22, 14)) {
  console.error(`tidings needs Node 22.14 or newer; this is ${process.version}. Install it from https://nodejs.org.`);
  process.exitCode = 1;
} else {
  await import(build.href);
}

async function runSource() {
  const scripts = new URL('../../../scripts/', import.meta.url);
  const { findNode, runNode } = await import(new URL('pinned-node.js', scripts).href);
  if (!findNode()) {
    console.error('The packages are not installed yet. Run `npm start` once in the repository; it installs them.');
    process.exitCode = 1;
    return;
  }
  process.exitCode = await runNode([source, ...process.argv.slice(2)], { cwd: process.cwd() });
}

/**
 * @param {number} major
 * @param {number} minor
 */
function isOlderThan(major, minor) {
  const [thisMajor = 0, thisMinor = 0] = process.versions.node.split('.').map(Number);
  return thisMajor < major || (thisMajor === major && thisMinor < minor);
}
