// `npm run bench -- store`: what the store does, on both databases.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { flagsOrExit } from '../flags.ts';
import { buildFolder } from '../folders.ts';
import { conclude } from '../report/results.ts';
import { type BatchFigures, measureBatches } from './batches.ts';
import { type ChangeFigures, measureChanges } from './changes.ts';
import { type InboxFigures, measureInbox } from './inbox.ts';
import { openPlaces } from './place.ts';

const values = flagsOrExit({
  name: 'store',
  measures: 'Inboxes, batches and changes straight in the store, on SQLite and PostgreSQL.',
  flags: {
    notifications: { type: 'string', default: '1000000', value: 'N', help: 'notifications that the inbox is among' },
    seconds: { type: 'string', default: '9', value: 'N', help: 'seconds of load' },
    postgres: { type: 'string', value: 'URL', help: 'a PostgreSQL of yours; else one is started' },
    against: {
      type: 'string',
      value: 'FOLDER',
      help: 'an older checkout, with its packages installed, to measure beside this one',
    },
    only: { type: 'string', default: 'batches,inbox,changes', value: 'NAME,NAME', help: 'the parts to run' },
    quick: { type: 'boolean', default: false, help: 'less of it: a look, not a measurement' },
  },
});
const total = values.quick ? 20_000 : Number(values.notifications);
const seconds = values.quick ? 3 : Number(values.seconds);

const whole = (value: number) => Math.round(value).toLocaleString('en-US');
const parts = values.only.split(',');
const batches: BatchFigures[] = [];
const changes: ChangeFigures[] = [];
const inboxes: InboxFigures[] = [];
const folder = await mkdtemp(join(await buildFolder(), 'store-'));
const places = await openPlaces(folder, values.postgres ?? null);
try {
  console.log('\nDurable notifications in batches of 100, beside a bare loop of inserts in the same batches');
  for (const place of parts.includes('batches') ? places : []) {
    const figures = await measureBatches(place, seconds, 3);
    batches.push(figures);
    const { tidings, raw, ratio, perCpuSecond } = figures;
    const rates = `${whole(tidings)}/s (${whole(perCpuSecond)} per CPU s), the bare loop ${whole(raw)}/s`;
    console.log(`  ${place.name.padEnd(8)}  ${rates}: ${(100 * ratio).toFixed(0)} %`);
  }
  console.log(`\nAn inbox among ${whole(total)} notifications, by HTTP, ms`);
  for (const place of parts.includes('inbox') ? places : []) {
    const figures = await measureInbox(place, total, values.quick ? 200 : 1_000);
    inboxes.push(figures);
    for (const { what, p50, p99 } of figures.reads) {
      console.log(`  ${place.name.padEnd(8)}  ${what.padEnd(28)}  p50 ${p50.toFixed(2)}  p99 ${p99.toFixed(2)}`);
    }
  }
  console.log('\nWrites to records in batches of 200, straight to the store, microseconds each');
  for (const place of parts.includes('changes') ? places : []) {
    const figures = await measureChanges(place, folder, values.against ?? null, seconds, values.quick ? 3 : 5);
    changes.push(...figures);
    for (const { what, build, perWrite, underLock } of figures) {
      const locked = underLock === null ? '' : `, ${underLock.toFixed(1)} under the lock`;
      console.log(`  ${place.name.padEnd(8)}  ${what.padEnd(34)}  ${build.padEnd(5)}  ${perWrite.toFixed(1)}${locked}`);
    }
  }
} finally {
  for (const place of places) await place.remove();
  await rm(folder, { recursive: true, force: true });
}
await conclude('store', { batches, inboxes, changes });
