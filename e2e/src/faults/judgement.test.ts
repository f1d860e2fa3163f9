import { expect, test } from 'vitest';
import { Figures } from './figures.ts';
import { calm } from './play.ts';
import { growthOf, type Held } from './readings.ts';

const held = (pid: number, kept: number, handles = 40): Held => ({ pid, kept, memory: 150, handles });
const other = { ...calm, name: 'other', sparesSender: true as const };
const times = (ms: number) => Array.from({ length: 1_000 }, () => ms);

test('a process that keeps more and more is named; one that is warm at the second reading, and those started anew, are not', () => {
  const grown = [20, 30, 40, 50, 60, 70, 80].map((kept) => held(1, kept));
  expect(growthOf(grown).problems).toEqual(['process 1: kept 40.0 → 80.0 in 7 readings']);
  const warm = [10, 40, 41, 40, 42, 41, 40].map((kept) => held(2, kept));
  expect(growthOf(warm).problems).toEqual([]);
  const anew = [20, 30, 40, 50, 60, 70, 80].map((kept, n) => held(n, kept));
  expect(growthOf(anew)).toEqual({ rows: [], problems: [] });
  const leaking = [40, 41, 50, 60, 70, 80, 90].map((handles) => held(3, 20, handles));
  expect(growthOf(leaking).problems).toEqual(['process 3: handles 50.0 → 90.0 in 7 readings']);
});

test('a late return, a dead connection that nobody notices, and a sender that others slow down are named', () => {
  const figures = new Figures('here');
  figures.note({ fault: calm, back: 100, answerTimes: times(10) });
  figures.note({ fault: other, back: 9_900, answerTimes: times(19) });
  figures.noteNotices([
    { kind: 'WebSocket', end: 'server', after: 36_000, isOwn: true },
    { kind: 'event stream', end: 'server', after: 75_000, isOwn: false },
  ]);
  expect(figures.problems()).toEqual([]);

  figures.note({ fault: other, back: 10_100, answerTimes: times(21) });
  figures.noteNotices([{ kind: 'WebSocket', end: 'client', after: 75_000, isOwn: false }]);
  expect(figures.problems()).toEqual([
    'here: after "other" everyone was back in 10.10 s',
    'here: the client of a dead WebSocket had not noticed, or only after 75.00 s',
    "here: others' p99 is 21 ms while some are struck, and 10 ms in calm",
  ]);
});
