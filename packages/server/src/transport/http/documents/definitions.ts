import * as protocol from '@tidings/protocol/schemas';
import Type, { type TSchema } from 'typebox';

/** JSON Schema as both documents have it. */
export type JsonSchema = Record<string, unknown>;

const pascal = (name: string): string => name.replaceAll(/(?:^|_)(\w)/g, (_all, first: string) => first.toUpperCase());

const entriesOf = (schemas: Record<string, TSchema>, kind: string): [string, TSchema][] =>
  Object.entries(schemas).map(([name, schema]) => [pascal(name) + kind, schema]);

/** What a schema says, but for the sentence about its place: copies that are optional, or described anew, are still the same. */
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

/** What schemas are made of. */
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

  /** All that were referred to, by name. */
  get schemas(): Record<string, JsonSchema> {
    const byName = [...this.#schemas].sort(([a], [b]) => a.localeCompare(b));
    return Object.fromEntries(byName);
  }

  #written(schema: TSchema): JsonSchema {
    const { anyOf, properties, items, patternProperties, ...rest } = schema as Parts & JsonSchema;
    if (anyOf) return { ...this.#union(anyOf), ...rest };
    if (properties) {
      const written = Object.entries(properties).map(([name, property]) => [name, this.of(property)]);
      return { ...rest, properties: Object.fromEntries(written) };
    }
    if (items) return { ...rest, items: this.of(items) };
    // A record's keys may be anything; readers of documents know that by this name.
    if (patternProperties) {
      return { ...rest, additionalProperties: this.of(Object.values(patternProperties)[0] as TSchema) };
    }
    return rest;
  }

  /** Literals become an `enum`, and "or null" a second type, as people and generators read them best. */
  #union(members: readonly TSchema[]): JsonSchema {
    const written = members.map((member) => this.of(member));
    if (written.every((member) => typeof member.const === 'string')) {
      return { type: 'string', enum: written.map((member) => member.const) };
    }
    const [only, nothing] = written as [JsonSchema, JsonSchema];
    const isSimple = typeof only.type === 'string' && only.enum === undefined;
    if (written.length === 2 && nothing.type === 'null' && isSimple) return { ...only, type: [only.type, 'null'] };
    return { anyOf: written };
  }
}
