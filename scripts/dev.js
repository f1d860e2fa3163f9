// `npm run dev`: the demo, started again whenever a source changes; the browser client is rebuilt first when it must be.
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { buildBrowser } from './build-browser.js';
import { ensureInstalled } from './install.js';
import { forwardSignals, startNode } from './pinned-node.js';
import { root, workspaceFolders } from './repository.js';
import { say } from './say.js';

/** An editor writes a file in several steps; a change counts once it has been quiet for so long. */
const quietMs = 150;

await ensureInstalled();
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => ending.abort());

while (!ending.signal.aborted) {
  const changed = nextChange(ending.signal);
  const problem = await buildBrowser();
  if (problem) say(problem);
  const demo = startNode(['examples/budget-transfer/src/main.ts', ...process.argv.slice(2)]);
  const stopForwarding = forwardSignals(demo.child);
  demo.exited.then((code) => say(`The demo ended (exit code ${code}).`));
  const file = await changed;
  if (file) {
    say(`\n${file} changed; starting again.`);
    demo.child.kill('SIGTERM');
  }
  await demo.exited;
  stopForwarding();
}

/**
 * Resolves with the source file that changed next, or undefined when `signal` ends the watch.
 * @param {AbortSignal} signal
 * @returns {Promise<string | undefined>}
 */
function nextChange(signal) {
  return new Promise((resolve) => {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const watchers = workspaceFolders()
      .map((folder) => `${folder}/src`)
      .filter((folder) => existsSync(join(root, folder)))
      .map((folder) =>
        watch(join(root, folder), { recursive: true }, (_event, file) => {
          if (file?.includes('.test.')) return;
          clearTimeout(timer);
          timer = setTimeout(end, quietMs, `${folder}/${file}`);
        }),
      );
    /** @param {string} [file] */
    const end = (file) => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
      resolve(file);
    };
    signal.addEventListener('abort', () => end(), { once: true });
  });
}
