import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineReader } from './line-reader.ts';

function read(...parts: Buffer[]): string[] {
  const lines: string[] = [];
  const reader = new LineReader((line) => lines.push(line));
  for (const part of parts) reader.write(part);
  reader.end();
  return lines;
}

it('reads lines that end in any way, and the last one without an end', () => {
  expect(read(Buffer.from('a\nb\r\nc\rd\n\ne'))).toEqual(['a', 'b', 'c', 'd', '', 'e']);
  expect(read(Buffer.from('a\r'))).toEqual(['a']);
  expect(read()).toEqual([]);
});

it('reads the same however the bytes are cut', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '🎉', '\r', '\n', '\r\n'), maxLength: 40 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(100), { maxLength: 6 }), (all, cuts) => {
      const bytes = Buffer.from(all);
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
      const parts = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
      expect(read(...parts)).toEqual(read(bytes));
    }),
  );
});

it('keeps no more than a line of 16,384 characters, and loses none of it', () => {
  const long = 'x'.repeat(100_000);
  const lines = read(...Array.from({ length: 10 }, (_, i) => Buffer.from(long.slice(i * 10_000, (i + 1) * 10_000))));
  expect(lines.join('')).toBe(long);
  expect(Math.max(...lines.map(({ length }) => length))).toBe(16_384);
});
