import fc, { type Arbitrary } from 'fast-check';

/** A schema of the served OpenAPI document, as far as values are made from it. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  format?: string;
  pattern?: string;
}

/** Names that lead out of an object, or into its prototype. */
const dangerousNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'then',
  'toJSON',
];

/** Text that programs trip over. */
export const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 20 }),
  fc.constantFrom(
    ...dangerousNames,
    ...[
      '',
      ' ',
      '\0',
      '\ud800',
      '\u202eevil',
      '\r\nX: y',
      '../../etc/passwd',
      "' or 1=1 --",
      '<script>',
      '{{7*7}}',
      '%s%n',
    ],
    ...['javascript:alert(1)', 'data:text/html,x', 'NaN', '-0', '1e400', 'null', 'true', 'task:', 'user:1', 'everyone'],
  ),
  fc
    .constantFrom('a', '\u{1f600}', '%', '"', 'x:')
    .chain((unit) => fc.constantFrom(257, 5_000).map((n) => unit.repeat(n))),
);

const oddNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(-1, 0, -0, 2 ** 31, 2 ** 53, -(2 ** 53), 2 ** 63, 1e308, 5e-324, 0.1),
);

/** An object that has a member of a name that others inherit, as `JSON.parse` makes it. */
const inherited = fc.tuple(fc.constantFrom(...dangerousNames), fc.jsonValue({ maxDepth: 2 })).map(([name, value]) => {
  const object: Record<string, unknown> = {};
  return Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
});

/** Any JSON, and what programs trip over. */
export const oddValue: Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  oddText,
  oddNumber,
  inherited,
  fc.constantFrom<unknown>(null, [], {}, [[]], [null], { polluted: 1 }, { __proto__: null }),
  fc.nat(150).map((depth) => JSON.parse('['.repeat(depth + 1) + ']'.repeat(depth + 1)) as unknown),
);

/** JSON text that `JSON.stringify` does not make. */
export const oddJson: Arbitrary<string> = fc.oneof(
  oddText,
  fc.nat(20_000).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  fc.nat(2_000).map((depth) => '{"a":'.repeat(depth)),
  fc.constantFrom(
    '{"to":1e400}',
    '{"a":1,"a":2}',
    '{"a":9007199254740993}',
    '\ufeff{}',
    '{"\\u0000":1}',
    '"\\ud800"',
    '[1,]',
    '01',
    '{}{}',
  ),
  fc.tuple(oddValue, fc.nat()).map(([value, at]) => {
    const text = JSON.stringify(value);
    return text.slice(0, at % (text.length + 1));
  }),
);

/** Values that mostly fit a schema, and have something odd in them now and then. */
export function arbitraryOf(schema: Schema, components: Record<string, Schema>, depth = 0): Arbitrary<unknown> {
  const fitting = fittingOf(schema, components, depth);
  return fc.oneof({ weight: 30, arbitrary: fitting }, { weight: 1, arbitrary: oddValue });
}

function fittingOf(schema: Schema, components: Record<string, Schema>, depth: number): Arbitrary<unknown> {
  const within = (inner: Schema) => arbitraryOf(inner, components, depth + 1);
  if (depth > 5) return oddValue;
  if (schema.$ref) return fittingOf(components[schema.$ref.split('/').at(-1) as string] ?? {}, components, depth + 1);
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices)
    return fc.oneof(
      ...choices.map((choice) =>
        fittingOf(
          { ...schema, anyOf: undefined, oneOf: undefined, allOf: undefined, ...choice },
          components,
          depth + 1,
        ),
      ),
    );
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'object' || schema.properties) return objectOf(schema, within);
  if (type === 'array') return fc.array(within(schema.items ?? {}), { maxLength: Math.min(schema.maxItems ?? 5, 5) });
  if (type === 'boolean') return fc.boolean();
  if (type === 'null') return fc.constant(null);
  if (type === 'string') return textOf(schema);
  if (type === 'integer' || type === 'number') return numberOf(schema, type);
  return fc.jsonValue({ maxDepth: 2 });
}

function objectOf(
  { properties = {}, required = [] }: Schema,
  within: (schema: Schema) => Arbitrary<unknown>,
): Arbitrary<unknown> {
  const members = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, within(schema)]));
  const plain = fc.record(members, { requiredKeys: required.filter((name) => name in members) });
  const withMore = fc
    .tuple(plain, inherited)
    .map(([object, more]) =>
      JSON.parse(
        `${JSON.stringify(object).slice(0, -1)}${Object.keys(object).length > 0 ? ',' : ''}${JSON.stringify(more).slice(1)}`,
      ),
    );
  return fc.oneof({ weight: 20, arbitrary: plain }, { weight: 1, arbitrary: withMore });
}

/** Names that come again, so that one call finds what another has made. */
export const names = fc.constantFrom('a', 'b', 'c', 'approve');

const somewhere = { min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true };

function textOf({ minLength = 0, maxLength = 40, format, pattern }: Schema): Arbitrary<string> {
  if (format === 'date-time') return fc.date(somewhere).map((date) => date.toISOString());
  if (pattern !== undefined || maxLength >= 256) return fc.oneof(names, fc.string({ maxLength: 40 }));
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) });
}

function numberOf({ minimum = -1_000, maximum = 100_000 }: Schema, type: 'integer' | 'number'): Arbitrary<number> {
  const [min, max] = [Math.max(minimum, -(2 ** 31)), Math.min(maximum, 2 ** 31)];
  return type === 'integer'
    ? fc.integer({ min: Math.ceil(min), max: Math.floor(max) })
    : fc.double({ min, max, noNaN: true });
}
