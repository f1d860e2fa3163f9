import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineReader } from './line-reader.ts';

function read(...parts: Buffer[]): string[] {
  return readAs({ isPlain: false }, ...parts);
}

function readAs({ isPlain }: { isPlain: boolean }, ...parts: Buffer[]): string[] {
  const lines: string[] = [];
  const reader = new LineReader({ isPlain, onLine: (line) => lines.push(line) });
  for (const part of parts) reader.write(part);
  reader.end();
  return lines;
}

it('reads lines that end in any way, and the last one without an end', () => {
  expect(read(Buffer.from('a\nb\r\nc\rd\n\ne'))).toEqual(['a', 'b', 'c', 'd', '', 'e']);
  expect(read(Buffer.from('a\r'))).toEqual(['a']);
  expect(read()).toEqual([]);
});

/** The lines that a whole text has, cut as documented. */
function expectedLines(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines.flatMap((line) => (line.startsWith('::result ') ? [line] : (line.match(/.{1,16384}/gs) ?? [''])));
}

it('reads the same however the bytes are cut, short lines and long ones', () => {
  const unit = fc.constantFrom('a', 'é', '\r', '\n', '\r\n', '::result ', 'x'.repeat(16_384), 'y'.repeat(40_000));
  const text = fc.array(unit, { maxLength: 12 }).map((units) => units.join(''));
  fc.assert(
    fc.property(text, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }), (all, cuts) => {
      const bytes = Buffer.from(all);
      const ends = cuts.map((cut) => Math.floor(cut * bytes.length)).sort((a, b) => a - b);
      const parts = [...ends, bytes.length].map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
      expect(read(...parts)).toEqual(expectedLines(all));
    }),
  );
});

it('reads a line of the greatest length whose end comes in parts as one', () => {
  const long = 'x'.repeat(16_384);
  expect(read(Buffer.from(`${long}\r`), Buffer.from('\nb'))).toEqual([long, 'b']);
});

it('keeps a character whole where it cuts a line', () => {
  const lines = read(Buffer.from(`${'x'.repeat(16_383)}🎉${'y'.repeat(16_384)}\n🎉`));
  expect(lines).toEqual(['x'.repeat(16_383), `🎉${'y'.repeat(16_382)}`, 'yy', '🎉']);
});

it('reads no marker in what follows in a line that was cut', () => {
  const read: [number, boolean][] = [];
  const reader = new LineReader({ isPlain: false, onLine: (line, isRest) => read.push([line.length, isRest]) });
  reader.write(Buffer.from(`${'x'.repeat(16_384)}::result ${'y'.repeat(16_384)}\n::result 1\n`));
  expect(read).toEqual([
    [16_384, false],
    [16_384, true],
    [9, true],
    [10, false],
  ]);
});

it('reads a result as one line up to 1 MiB, unless all is text', () => {
  const json = JSON.stringify('x'.repeat(262_142));
  const line = `::result ${json}`;
  const bytes = Buffer.from(`${line}\n`);
  const parts = Array.from({ length: 27 }, (_, i) => bytes.subarray(i * 10_000, (i + 1) * 10_000));
  expect(read(bytes)).toEqual([line]);
  expect(read(...parts)).toEqual([line]);
  expect(Math.max(...readAs({ isPlain: true }, bytes).map(({ length }) => length))).toBe(16_384);
  expect(read(Buffer.from(`::results ${json}`)).length).toBe(17);
  expect(read(Buffer.from(`::result ${'x'.repeat(1_048_576)}`)).map(({ length }) => length)).toEqual([1_048_576, 9]);
});

it('keeps no more than a line of 16,384 characters, and loses none of it', () => {
  const long = 'x'.repeat(100_000);
  const lines = read(...Array.from({ length: 10 }, (_, i) => Buffer.from(long.slice(i * 10_000, (i + 1) * 10_000))));
  expect(lines.join('')).toBe(long);
  expect(Math.max(...lines.map(({ length }) => length))).toBe(16_384);
});
