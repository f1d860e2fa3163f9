import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

type Json = Record<string, unknown>;
interface Documents {
  openApi: { paths: Record<string, Record<string, Operation>>; components: Json };
  asyncApi: { components: Json & { messages: Record<string, { payload: Json }> } };
}
interface Operation {
  operationId: string;
  responses: Record<string, { content?: Record<string, { schema: Json }> }>;
}

/** One answer over HTTP. */
export interface Answered {
  method: string;
  /** The path with its query string. */
  path: string;
  status: number;
  /** The content type; empty if there is none. */
  type: string;
  body: unknown;
}

/** Paths of the server's own pages, which are in no document. */
const ofPages = /^\/((test|docs)\/|tidings-)/;

/**
 * Checks what a server answers and sends against its own documents: it must fit them, and have no member that they do not describe.
 * The validator is another than the server's own.
 */
export class DocumentCheck {
  readonly #documents: Documents;
  readonly #openApi: Schemas;
  readonly #asyncApi: Schemas;
  readonly #paths: { pattern: RegExp; operations: Record<string, Operation> }[];

  constructor(documents: Documents) {
    this.#documents = documents;
    this.#openApi = new Schemas(documents.openApi.components);
    this.#asyncApi = new Schemas(documents.asyncApi.components);
    this.#paths = Object.entries(documents.openApi.paths).map(([path, operations]) => ({
      pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]*')}$`),
      operations,
    }));
  }

  /** The documents of a running server. */
  static async of(url: string): Promise<DocumentCheck> {
    const read = async (path: string) => (await fetch(url + path)).json() as Promise<never>;
    return new DocumentCheck({ openApi: await read('/openapi.json'), asyncApi: await read('/asyncapi.json') });
  }

  /** The difference between an answer and its description in the document; null for none. */
  misfitOfAnswer({ method, path, status, type, body }: Answered): string | null {
    const [where] = path.split('?') as [string];
    if (ofPages.test(where)) return null;
    const found = this.#paths.find(({ pattern }) => pattern.test(where))?.operations[method.toLowerCase()];
    const place = `${method} ${where} ${status}`;
    if (!found)
      return [403, 404, 405].includes(status) ? this.misfitOfProblem(place, body) : `${place} is not described`;
    const response = found.responses[status];
    if (!response) return `${place} is not described; it was ${JSON.stringify(body)}`;
    if (!response.content) return body === '' ? null : `${place} is described without a body`;
    const media = response.content[type.split(';')[0] as string];
    if (!media) return `${place} is not described as ${type}`;
    return this.#openApi.misfit(place, media.schema, body) ?? this.#misfitOfFramesIn(found.operationId, body);
  }

  /** The difference between a frame and its description; null for none. A reply must fit an action that was sent with its `ref`. */
  misfitOfFrame(frame: Json, actions: readonly string[] = []): string | null {
    const { messages } = this.#documents.asyncApi.components;
    const type = String(frame.type);
    if (type === 'reply') {
      const misfits = actions.map((name) =>
        this.#asyncApi.misfit(`the reply to ${name}`, messages[`reply.${name}`]?.payload ?? {}, frame),
      );
      return misfits.length === 0 || misfits.includes(null) ? null : misfits.join('; ');
    }
    const isTruncated = frame.truncated === true;
    const message = messages[isTruncated ? 'frame.truncated' : `frame.${type}`] ?? messages['frame.application_event'];
    return this.#asyncApi.misfit(`the frame ${type}`, message?.payload ?? {}, frame);
  }

  /** The difference between an error and the schema of all errors; null for none. */
  misfitOfProblem(place: string, body: unknown): string | null {
    return this.#openApi.misfit(place, { $ref: '#/components/schemas/Problem' }, body);
  }

  /** Frames that stand in answers are described by the other document. */
  #misfitOfFramesIn(operationId: string, body: unknown): string | null {
    const { items, frame } = (body ?? {}) as { items?: Json[]; frame?: Json | null };
    const isInbox = operationId === 'listInbox' || operationId === 'act';
    const frames = isInbox ? (items ?? []) : operationId === 'readNotification' && frame ? [frame] : [];
    return frames.map((one) => this.misfitOfFrame(one)).find((misfit) => misfit !== null) ?? null;
  }
}

/** The schemas of one document, each compiled when it is first asked for. Members that are not described do not fit. */
export class Schemas {
  // The format says how generated clients hold a number; the type says what it is.
  readonly #ajv = new Ajv2020({ strict: false, allErrors: false, formats: { int64: true } });
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(components: Json) {
    this.#ajv.addSchema({ $id: 'document', components: closed(components) });
  }

  /** The difference between a value and a schema; null for none. */
  misfit(place: string, schema: Json, value: unknown): string | null {
    const text = JSON.stringify(schema);
    let check = this.#compiled.get(text);
    if (!check) {
      check = this.#ajv.compile(closed(JSON.parse(text.replaceAll('"#/components', '"document#/components'))));
      this.#compiled.set(text, check);
    }
    if (check(value)) return null;
    return `${place}: ${this.#ajv.errorsText(check.errors)} in ${JSON.stringify(value)?.slice(0, 1_000)}`;
  }
}

/** A schema that takes no members but those it names, unless it is open by intent: to clients all answers are open. */
function closed<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(closed) as T;
  if (typeof schema !== 'object' || schema === null) return schema;
  const written = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  const isObject = written.type === 'object' && written.properties && !written['x-any-members'];
  return (isObject ? { ...written, additionalProperties: false } : written) as T;
}
