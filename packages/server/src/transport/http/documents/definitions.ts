import * as protocol from '@tidings/protocol/schemas';
import Type, { type TSchema } from 'typebox';

/** JSON Schema as both documents have it. */
export type JsonSchema = Record<string, unknown>;

const pascal = (name: string): string => name.replaceAll(/(?:^|_)(\w)/g, (_all, first: string) => first.toUpperCase());

const entriesOf = (schemas: Record<string, TSchema>, kind: string): [string, TSchema][] =>
  Object.entries(schemas).map(([name, schema]) => [pascal(name) + kind, schema]);

/** A schema that is made optional is a copy of itself; what it says is the same. */
const keyOf = (schema: TSchema): string => JSON.stringify(schema);

const hasParts = (value: unknown): value is TSchema => Type.IsObject(value) || Type.IsUnion(value);

/** The schemas that have a name in the documents: those the protocol exports, and each action, frame and reply. */
function namesOfSchemas(): Map<string, string> {
  const exported = [
    ...Object.entries(protocol as Record<string, unknown>),
    ...entriesOf(protocol.actionSchemas, 'Action'),
    ...entriesOf(protocol.frameSchemas, 'Frame'),
    ...entriesOf(protocol.replySchemas, 'Reply'),
  ];
  const names = new Map<string, string>();
  for (const [name, schema] of exported) {
    if (hasParts(schema) && !names.has(keyOf(schema))) names.set(keyOf(schema), name);
  }
  return names;
}

/** Writes schemas into a document: each that has a name once, under `#/components/schemas`, and everywhere else a reference. */
export class Definitions {
  readonly #names = namesOfSchemas();
  readonly #schemas = new Map<string, JsonSchema>();

  /** A reference to the schema where it has a name, else the schema itself. */
  of(schema: TSchema): JsonSchema {
    const name = this.#names.get(keyOf(schema));
    if (name === undefined) return this.#written(schema);
    if (!this.#schemas.has(name)) {
      this.#schemas.set(name, {});
      this.#schemas.set(name, this.#written(schema));
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  /** All that were referred to, by name. */
  get schemas(): Record<string, JsonSchema> {
    const byName = [...this.#schemas].sort(([a], [b]) => a.localeCompare(b));
    return Object.fromEntries(byName);
  }

  #written(schema: TSchema): JsonSchema {
    const { anyOf, properties, items, patternProperties, ...rest } = JSON.parse(keyOf(schema)) as JsonSchema;
    const parts = schema as unknown as { anyOf: TSchema[]; properties: Record<string, TSchema>; items: TSchema };
    if (anyOf) return { ...this.#union(parts.anyOf), ...rest };
    if (properties) {
      const written = Object.entries(parts.properties).map(([name, property]) => [name, this.of(property)]);
      return { ...rest, properties: Object.fromEntries(written) };
    }
    if (items) return { ...rest, items: this.of(parts.items) };
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
