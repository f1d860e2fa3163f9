import * as protocol from '@tidings/protocol/schemas';
import Type, { type TSchema } from 'typebox';

/** JSON Schema as both documents have it. */
export type JsonSchema = Record<string, unknown>;

const pascal = (name: string): string => name.replaceAll(/(?:^|_)(\w)/g, (_all, first: string) => first.toUpperCase());

const entriesOf = (schemas: Record<string, TSchema>, kind: string): [string, TSchema][] =>
  Object.entries(schemas).map(([name, schema]) => [pascal(name) + kind, schema]);

/** A schema without its description: copies that are optional, or described anew, count as the same. */
const keyOf = (schema: TSchema): string => JSON.stringify({ ...schema, description: undefined });

const hasParts = (value: unknown): value is TSchema => Type.IsObject(value) || Type.IsUnion(value);

/** The schemas that have a name in the documents: those the protocol exports, and each action, frame and reply. */
function namedSchemas(): Map<string, { name: string; schema: TSchema }> {
  const exported = [
    ...Object.entries(protocol as Record<string, unknown>),
    ...entriesOf(protocol.actionSchemas, 'Action'),
    ...entriesOf(protocol.frameSchemas, 'Frame'),
    ...entriesOf(protocol.replySchemas, 'Reply'),
  ];
  const named = new Map<string, { name: string; schema: TSchema }>();
  for (const [name, schema] of exported) {
    if (!hasParts(schema)) continue;
    const key = keyOf(schema);
    if (!named.has(key)) named.set(key, { name, schema });
  }
  return named;
}

/** The parts of a schema that hold other schemas. */
interface Parts {
  anyOf?: TSchema[];
  properties?: Record<string, TSchema>;
  items?: TSchema;
  patternProperties?: Record<string, TSchema>;
}

/** Writes schemas into a document: each that has a name once, under `#/components/schemas`, and everywhere else a reference. */
export class Definitions {
  readonly #named = namedSchemas();
  readonly #schemas = new Map<string, JsonSchema>();

  /** A reference to the schema where it has a name, with its own sentence where that differs; else the schema itself. */
  of(schema: TSchema): JsonSchema {
    const named = hasParts(schema) ? this.#named.get(keyOf(schema)) : undefined;
    if (!named) return this.#written(schema);
    const { name } = named;
    if (!this.#schemas.has(name)) {
      this.#schemas.set(name, {});
      this.#schemas.set(name, this.#written(named.schema));
    }
    const { description } = schema as JsonSchema;
    const own =
      description === undefined || description === (named.schema as JsonSchema).description ? {} : { description };
    return { $ref: `#/components/schemas/${name}`, ...own };
  }

  /** All definitions that were referred to, by name. */
  get schemas(): Record<string, JsonSchema> {
    const byName = [...this.#schemas].sort(([a], [b]) => a.localeCompare(b));
    return Object.fromEntries(byName);
  }

  /** The schema itself, also where it has a name: some generators make no types of what webhooks alone refer to. */
  inline(schema: TSchema): JsonSchema {
    return this.#written(schema);
  }

  #written(schema: TSchema): JsonSchema {
    const { anyOf, properties, items, patternProperties, ...rest } = withoutSurrogates(schema) as Parts & JsonSchema;
    if (anyOf) return { ...this.#union(anyOf), ...rest };
    if (properties) {
      const written = Object.entries(properties).map(([name, property]) => [name, this.of(property)]);
      return { ...rest, properties: Object.fromEntries(written), ...openness(rest) };
    }
    if (items) return { ...rest, items: this.of(items) };
    // A record's keys may be anything; readers of documents know that by this name.
    if (patternProperties) {
      return { ...rest, additionalProperties: this.of(Object.values(patternProperties)[0] as TSchema) };
    }
    return plain(rest);
  }

  /** Writes a union in the way that people and generators read best. */
  #union(members: readonly TSchema[]): JsonSchema {
    const written = members.map((member) => this.of(member));
    const enums = written.map((member) =>
      member.type === 'string' && Array.isArray(member.enum) ? member.enum : null,
    );
    if (enums.every((values) => values !== null)) return { type: 'string', enum: enums.flat() };
    const [only, other] = written as [JsonSchema, JsonSchema];
    // An id may be a number too, which is a string on the wire: what is generated has strings.
    if (written.length === 2 && only.type === 'string' && other.type === 'integer') return only;
    if (written.length === 2 && other.type === 'null') {
      // Generators know a second type, and stumble over references to which null is the alternative.
      const whole = only.$ref ? this.#written(members[0] as TSchema) : only;
      const values = Array.isArray(whole.enum) ? { enum: [...whole.enum, null] } : {};
      return { ...whole, ...values, type: [whole.type, 'null'] };
    }
    const tag = tagOf(members);
    if (tag) return { oneOf: written, discriminator: { propertyName: tag, mapping: mappingOf(members, written, tag) } };
    return areExclusive(members) ? { oneOf: written } : { anyOf: written };
  }
}

/** Says of objects that are not closed that they are open, for generators that take silence for a no, and marks those that are so by intent. */
const openness = ({ additionalProperties }: JsonSchema): JsonSchema =>
  additionalProperties === undefined
    ? { additionalProperties: true }
    : additionalProperties === true
      ? { 'x-any-members': true }
      : {};

/** Many engines of patterns know no surrogates. */
function withoutSurrogates(schema: TSchema): JsonSchema {
  const { pattern, ...rest } = schema as JsonSchema;
  return typeof pattern === 'string' && !pattern.includes('\\u') ? (schema as JsonSchema) : rest;
}

/** Constants as the types that generators have, and whole numbers as wide as revs are. */
function plain(schema: JsonSchema): JsonSchema {
  const { const: only, ...rest } = schema;
  if (typeof only === 'string') return { ...rest, enum: [only] };
  if (typeof only === 'boolean') return rest;
  if (Array.isArray(rest.enum) && rest.type === undefined) return { type: 'string', ...rest };
  const isWide = rest.type === 'integer' && !(Number(rest.maximum) < 2 ** 31);
  return isWide ? { ...rest, format: 'int64' } : schema;
}

/** Each of several objects as `{…}` has it; null if one is none. */
function propertiesOf(members: readonly TSchema[]): Record<string, TSchema>[] | null {
  const all = members.map((member) => (Type.IsObject(member) ? member.properties : null));
  return all.every((properties) => properties !== null) ? all : null;
}

const constantOf = (schema: TSchema | undefined): unknown => (schema as { const?: unknown } | undefined)?.const;

/** The member whose value distinguishes several kinds of objects: the discriminator. */
function tagOf(members: readonly TSchema[]): string | undefined {
  const all = propertiesOf(members);
  return Object.keys(all?.[0] ?? {}).find((name) => {
    const values = new Set(all?.map((properties) => constantOf(properties[name])));
    return values.size === members.length && !values.has(undefined);
  });
}

const mappingOf = (members: readonly TSchema[], written: readonly JsonSchema[], tag: string): JsonSchema =>
  Object.fromEntries(
    (propertiesOf(members) ?? []).map((properties, i) => [String(constantOf(properties[tag])), written[i]?.$ref]),
  );

/** True if no value fits two of several: each object needs a member of its own. */
function areExclusive(members: readonly TSchema[]): boolean {
  const needed = members.map((member) => (member as { required?: string[] }).required ?? []);
  return needed.every((names) => names.some((name) => needed.filter((others) => others.includes(name)).length === 1));
}
