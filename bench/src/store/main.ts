// `npm run bench -- store`: what the store does, on both databases.
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { resultsFolder } from '../folders.ts';
import { type BatchFigures, measureBatches } from './batches.ts';
import { type InboxFigures, measureInbox } from './inbox.ts';
import { openPlaces } from './place.ts';

const { values } = parseArgs({
  options: {
    notifications: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '9' },
    postgres: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const total = values.quick ? 20_000 : Number(values.notifications);
const seconds = values.quick ? 3 : Number(values.seconds);

const whole = (value: number) => Math.round(value).toLocaleString('en-US');
const batches: BatchFigures[] = [];
const inboxes: InboxFigures[] = [];
const places = await openPlaces(values.postgres ?? null);
try {
  console.log('\nDurable notifications in batches of 100, beside a bare loop of inserts in the same batches');
  for (const place of places) {
    const figures = await measureBatches(place, seconds, 3);
    batches.push(figures);
    const { tidings, raw, ratio, perCpuSecond } = figures;
    const rates = `${whole(tidings)}/s (${whole(perCpuSecond)} per CPU s), the bare loop ${whole(raw)}/s`;
    console.log(`  ${place.name.padEnd(8)}  ${rates}: ${(100 * ratio).toFixed(0)} %`);
  }
  console.log(`\nAn inbox among ${whole(total)} notifications, by HTTP, ms`);
  for (const place of places) {
    const figures = await measureInbox(place, total, values.quick ? 200 : 1_000);
    inboxes.push(figures);
    for (const { what, p50, p99 } of figures.reads) {
      console.log(`  ${place.name.padEnd(8)}  ${what.padEnd(28)}  p50 ${p50.toFixed(2)}  p99 ${p99.toFixed(2)}`);
    }
  }
} finally {
  for (const place of places) await place.remove();
}
const at = new Date().toISOString();
const path = join(await resultsFolder(), `store-${at.replaceAll(':', '-')}.json`);
await writeFile(path, `${JSON.stringify({ at, batches, inboxes }, null, 2)}\n`);
console.log(`\nKept in ${relative(process.cwd(), path)}`);
