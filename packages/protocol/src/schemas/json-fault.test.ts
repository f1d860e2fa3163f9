import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonFault } from './json-fault.ts';

const messageOf = (text: string): string | null => jsonFault(text, JSON.parse(text), 'the body')?.message ?? null;

test.each([
  '{"to":{"user":"1"},"data":{"to":{"user":"2"},"lines":[{"id":1},{"id":2}]}}',
  '{"a\\"":1,"a":2,"\\\\":3,"b":"\\"a\\":1 } 1e999"}',
  '[0,-0,0.000,1.10,1e3,1E+2,-12.5e-3,true,false,null]',
  '[0.1,0.10000000000000001,3.141592653589793,1e300,5e-324,2.2250738585072014e-308]',
  '[9007199254740991,-9007199254740991,9007199254740992,100000000000000000000,1e23]',
  '0.1000000000000000055511151231257827021181583404541015625',
  `1${'0'.repeat(308)}`,
  '"text"',
  ' { "a" : { } , "b" : [ ] } ',
])('%s is taken as it is', (text) => {
  expect(messageOf(text)).toBeNull();
});

test.each([
  ['{"to":{"user":"1"},"to":{"everyone":true}}', 'to is there twice; give it once'],
  ['{"data":{"lines":[{},{"id":1,"id":1}]}}', 'data.lines.1.id is there twice; give it once'],
  ['{"a":1,"\\u0061":2}', 'a is there twice; give it once'],
  ['{"":1,"":2}', 'the body is there twice; give it once'],
  ['[{"a":1},{"data":{"a":1,"a":2}}]', 'item 1: data.a is there twice; give it once'],
  ['{"data":{"__proto__":{}}}', 'data.__proto__ is a name that is refused; choose another'],
])('%s is refused', (text, message) => {
  expect(messageOf(text)).toBe(message);
});

test.each([
  ...['9007199254740993', '-9007199254740993', '12345678901234567890', '1e400', '-1e400', '1e-400'],
  ...['12345678901234.567', '3.14159265358979323846', '0.12345678901234567'],
])('the number %s is refused with its place', (literal) => {
  const says = `data.n.1 must be a number that a double (IEEE 754) holds as it is, or text; got ${literal.slice(0, 60)}`;
  expect(messageOf(`{"data":{"n":[1,${literal}]}}`)).toBe(says);
});

test('a number of a million digits is refused at once', () => {
  expect(messageOf(`[${'9'.repeat(1_000_000)}]`)).toMatch(/got 9{60}$/);
  expect(messageOf(`[1${'0'.repeat(1_000_000)}1]`)).toMatch(/got 10{59}$/);
});

test('nesting is taken to 100 levels', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  expect(messageOf(nested(100))).toBeNull();
  expect(messageOf(nested(101))).toContain('100 levels');
  expect(messageOf(nested(200_000))).toContain('100 levels');
});

test('whatever JSON.stringify writes is taken as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify({ value }, null, indent);
      fc.pre(!text.includes('__proto__'));
      expect(messageOf(text)).toBeNull();
    }),
  );
});

test('a double printed in the digits that other languages print is taken as it is', () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: 17, max: 21 }),
      (value, digits) => {
        for (const text of [value.toExponential(digits - 1), String(value)]) {
          expect(messageOf(`[${text}]`), text).toBeNull();
        }
      },
    ),
  );
});

test('a number is taken as it is or refused, and never changed', () => {
  const digits = fc.stringMatching(/^[1-9]\d{0,24}$/);
  fc.assert(
    fc.property(digits, (text) => {
      if (messageOf(`[${text}]`) === null) {
        expect(Number(text).toLocaleString('en', { useGrouping: false })).toBe(text);
      }
    }),
  );
});
