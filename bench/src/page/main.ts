// `npm run bench -- page`: what a page does while a thousand notifications arrive in a second, with its list open.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { requireProgram } from '../../../scripts/system-programs.js';
import { flagsOrExit } from '../flags.ts';
import { conclude } from '../report/results.ts';
import { type PageFigures, play } from './play.ts';
import { startBuild } from './server.ts';

const values = flagsOrExit({
  name: 'page',
  measures: 'The main thread of a page with its list open, while a thousand notifications arrive.',
  flags: {
    against: {
      type: 'string',
      value: 'FOLDER',
      help: 'an older checkout, with its packages installed, to measure beside this one',
    },
    notifications: { type: 'string', default: '1000', value: 'N', help: 'notifications that arrive within a second' },
    rows: { type: 'string', default: '10000', value: 'N', help: 'rows of the inbox that is loaded' },
  },
});
const here = fileURLToPath(new URL('../../..', import.meta.url));
const count = Number(values.notifications);
const plays = [
  { name: 'this build', folder: here, rows: 0 },
  { name: `this build, over ${values.rows} rows`, folder: here, rows: Number(values.rows) },
  ...(values.against ? [{ name: `against ${values.against}`, folder: resolve(values.against), rows: 0 }] : []),
];

const browser = await chromium.launch({
  executablePath: requireProgram('chromium-headless-shell'),
  args: ['--no-sandbox'],
});
const results: ({ name: string } & PageFigures)[] = [];
try {
  console.log(`\n${count} notifications in a second, the bell's list open; main thread of the page, ms`);
  for (const { name, folder, rows } of plays) {
    const server = await startBuild(folder);
    try {
      const figures = await play(browser, server, rows, count);
      results.push({ name, ...figures });
      console.log(lineOf(name, figures));
    } finally {
      await server.stop();
    }
  }
} finally {
  await browser.close();
}
const [now, , former] = results;
if (now && former)
  console.log(`  main thread: 1/${(former.mainThread / now.mainThread).toFixed(0)} of the other build's`);
await conclude('page', { count, results });

function lineOf(
  name: string,
  { mainThread, script, layout, longestTask, longTasks, heardAfter, actions }: PageFigures,
) {
  const sent = Object.entries(actions).map(([action, times]) => `${times} ${action}`);
  const longest = longestTask ? `longest task ${longestTask.toFixed(0)}, ${longTasks} above 50` : 'no task above 50';
  return [
    `  ${name}`,
    `    ${mainThread.toFixed(0)} in all: scripts ${script.toFixed(0)}, styles and layout ${layout.toFixed(0)}; ${longest}`,
    `    all heard after ${heardAfter.toFixed(0)}; sent: ${sent.join(', ') || 'nothing'}`,
  ].join('\n');
}
