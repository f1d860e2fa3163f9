import { expect, it } from 'vitest';
import { readMarker } from './markers.ts';

it.each([
  ['::progress 45', { kind: 'progress', progress: 45 }],
  ['::progress 45 Reading  lines', { kind: 'progress', progress: 45, message: 'Reading  lines' }],
  ['::progress 12.5% Reading', { kind: 'progress', progress: 12.5, message: 'Reading' }],
  ['::progress 100', { kind: 'progress', progress: 100 }],
  ['::step 2/5 Reading it', { kind: 'step', step_number: 2, total_steps: 5, step: 'Reading it' }],
  ['::step 2', { kind: 'step', step_number: 2, step: '' }],
  ['::result {"rows": [1]}', { kind: 'result', result: { rows: [1] } }],
  ['::result "done"', { kind: 'result', result: 'done' }],
])('%s is read', (line, marker) => {
  expect(readMarker(line)).toEqual(marker);
});

it.each([
  ['Reading 45', 'Reading 45'],
  [' ::progress 45', ' ::progress 45'],
  ['\\::progress 45', '::progress 45'],
  ['\\::', '::'],
  ['::progression 4', '::progression 4'],
  ['::warning what', '::warning what'],
  ['', ''],
])('%j is text', (line, text) => {
  expect(readMarker(line)).toEqual({ kind: 'text', text });
});

it.each([
  ['::progress', 'as "::progress 45 Reading"'],
  ['::progress 101', 'as "::progress 45 Reading"'],
  ['::progress -1', 'as "::progress 45 Reading"'],
  ['::progress half', 'as "::progress 45 Reading"'],
  ['::step 0/5 Reading', 'as "::step 2/5 Reading"'],
  ['::step Reading', 'as "::step 2/5 Reading"'],
  ['::result {rows: 1}', 'as ::result {"rows": 3}'],
  ['::result', 'as ::result {"rows": 3}'],
])('%s is refused with what to write', (line, advice) => {
  expect(() => readMarker(line)).toThrow(advice);
});
