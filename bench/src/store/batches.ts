import { createTidings, type Tidings } from '@tidings/server';
import { notificationTo } from './notifications.ts';
import type { Place } from './place.ts';

const size = 100;
/** Batches that wait for their answer at a time: as many callers as a busy back end has. */
const inFlight = 8;

export interface BatchFigures {
  place: Place['name'];
  /** Notifications a second. */
  tidings: number;
  raw: number;
  /** The median of Tidings' part of the raw rate, slice by slice. */
  ratio: number;
  perCpuSecond: number;
}

/** Durable notifications in batches of 100, beside a bare loop of inserts in the same batches; they take turns. */
export async function measureBatches(place: Place, seconds: number, slices: number): Promise<BatchFigures> {
  const tidings = await createTidings({ database: place.url });
  const turn = seconds / slices;
  const parts: { tidings: number; raw: number; cpu: number }[] = [];
  await publish(tidings, Math.min(1, turn));
  for (let slice = 0; slice < slices; slice++) {
    const raw = await rate(
      turn,
      async (from) => {
        await place.insert(Array.from({ length: size }, (_, i) => rawRow(slice, from + i)));
      },
      1,
    );
    const cpu = process.cpuUsage();
    const ours = await publish(tidings, turn);
    const { user, system } = process.cpuUsage(cpu);
    parts.push({ tidings: ours, raw, cpu: (ours * turn) / ((user + system) / 1e6) });
  }
  await tidings.close();
  const mean = (pick: (part: (typeof parts)[number]) => number) => parts.reduce((sum, p) => sum + pick(p), 0) / slices;
  const ratios = parts.map((part) => part.tidings / part.raw).sort();
  return {
    place: place.name,
    ...{ tidings: mean((part) => part.tidings), raw: mean((part) => part.raw) },
    ratio: ratios[Math.floor(slices / 2)] as number,
    perCpuSecond: mean((part) => part.cpu),
  };
}

const publish = (tidings: Tidings, seconds: number): Promise<number> =>
  rate(
    seconds,
    async (from) => {
      const items = Array.from({ length: size }, (_, i) => notificationTo(`u${(from + i) % 1_000}`, from + i));
      const results = await tidings.notifyMany(items, { atomic: true });
      const refused = results.find((result) => !result.ok);
      if (refused && !refused.ok) throw refused.error;
    },
    inFlight,
  );

const rawRow = (slice: number, n: number) => ({
  id: `n${slice}-${n}`,
  user_id: `u${n % 1_000}`,
  body: JSON.stringify(notificationTo(`u${n % 1_000}`, n)),
  at: Date.now(),
});

/** The notifications a second that batches bring, from so many callers at once. */
async function rate(seconds: number, batch: (from: number) => Promise<void>, callers: number): Promise<number> {
  const start = performance.now();
  const end = start + seconds * 1_000;
  let done = 0;
  let next = 0;
  const caller = async () => {
    while (performance.now() < end) {
      const from = next;
      next += size;
      await batch(from);
      done += size;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return done / ((performance.now() - start) / 1_000);
}
