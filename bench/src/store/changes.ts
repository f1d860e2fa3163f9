import { join } from 'node:path';
import pg from 'pg';
import { type Build, buildsOf } from './builds.ts';
import { LockSampler } from './lock-sampler.ts';
import type { Place } from './place.ts';
import { type KindName, kinds, WriteLoad } from './writes.ts';

export interface ChangeFigures {
  place: Place['name'];
  what: KindName;
  build: Build['name'];
  /** Microseconds a write, by the clock, and of it under the lock of the sequence; null on SQLite. */
  perWrite: number;
  underLock: number | null;
}

/**
 * Writes to records that are there, in batches of 200 from two callers at once, straight to the store. The builds take turns, each on
 * a database of its own.
 */
export async function measureChanges(
  place: Place,
  folder: string,
  against: string | null,
  seconds: number,
  rounds: number,
): Promise<ChangeFigures[]> {
  const figures: ChangeFigures[] = [];
  for (const what of Object.keys(kinds) as KindName[]) {
    const runs = await Promise.all(
      buildsOf(against).map(async (build, n) => {
        const url = await databaseFor(place, folder, `${Object.keys(kinds).indexOf(what)}_${n}`);
        const store = await build.storeAt(url);
        await store.open();
        const load = new WriteLoad(store, what);
        await load.seed();
        await load.run(Math.min(1, seconds / rounds));
        const sampler = place.name === 'postgres' ? await LockSampler.on(url) : null;
        return { build, store, load, sampler, writes: 0, time: 0, locked: 0 };
      }),
    );
    for (let round = 0; round < rounds; round++) {
      for (const run of runs) {
        const start = performance.now();
        const sampled = run.sampler?.sample(seconds / rounds);
        run.writes += await run.load.run(seconds / rounds);
        const elapsed = performance.now() - start;
        run.time += elapsed;
        run.locked += ((await sampled) ?? 0) * elapsed;
      }
    }
    for (const { build, store, sampler, writes, time, locked } of runs) {
      await sampler?.close();
      await store.close();
      const [perWrite, underLock] = [(1_000 * time) / writes, sampler ? (1_000 * locked) / writes : null];
      figures.push({ place: place.name, what, build: build.name, perWrite, underLock });
    }
  }
  return figures;
}

async function databaseFor(place: Place, folder: string, name: string): Promise<string> {
  if (place.name === 'sqlite') return join(folder, `changes-${name}.db`);
  const client = new pg.Client(place.url);
  await client.connect();
  await client.query(`drop database if exists changes_${name}`);
  await client.query(`create database changes_${name}`);
  await client.end();
  const url = new URL(place.url);
  url.pathname = `changes_${name}`;
  return url.href;
}
