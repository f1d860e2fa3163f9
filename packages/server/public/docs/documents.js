import { serverUrl } from '../test/dom.js';

/**
 * A schema as the documents have it.
 * @typedef {object} Schema
 * @property {string} [$ref]
 * @property {string | string[]} [type]
 * @property {string} [description]
 * @property {Record<string, Schema>} [properties]
 * @property {string[]} [required]
 * @property {Schema | boolean} [additionalProperties]
 * @property {Schema} [items]
 * @property {Schema[]} [anyOf]
 * @property {Schema[]} [oneOf]
 * @property {true} [x-any-members]
 * @property {unknown[]} [enum]
 * @property {unknown} [const]
 * @property {unknown} [default]
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {number} [minLength]
 * @property {number} [maxLength]
 * @property {number} [minItems]
 * @property {number} [maxItems]
 */
/**
 * @typedef {object} Media
 * @property {Schema} schema
 * @property {Record<string, { summary: string, value: unknown }>} [examples]
 */
/** @typedef {{ description: string, content?: Record<string, Media>, headers?: Record<string, { description: string }> }} Answer */
/** @typedef {{ name: string, in: string, required: boolean, description?: string, schema: Schema, example?: string }} Parameter */
/**
 * @typedef {object} Operation
 * @property {string} operationId
 * @property {string[]} tags
 * @property {string} summary
 * @property {string} [description]
 * @property {Record<string, string[]>[]} security
 * @property {Parameter[]} parameters
 * @property {{ required: boolean, content: Record<string, Media> }} [requestBody]
 * @property {Record<string, Answer>} responses
 */
/** @typedef {{ code: string, status: number, retryable: boolean, means: string, todo: string }} ErrorCode */
/** @typedef {{ code: number, means: string, todo: string }} CloseCode */
/** @typedef {{ type: string, in?: string, name?: string, bearerFormat?: string, description: string }} SecurityScheme */
/**
 * @typedef {object} OpenApi
 * @property {{ version: string, description: string }} info
 * @property {{ name: string, description: string }[]} tags
 * @property {Record<string, Record<string, Operation>>} paths
 * @property {Record<string, { post: Operation }>} webhooks
 * @property {{ schemas: Record<string, Schema>, securitySchemes: Record<string, SecurityScheme> }} components
 * @property {ErrorCode[]} x-error-codes
 */
/**
 * @typedef {object} Message
 * @property {string} title
 * @property {string} summary
 * @property {{ name: string }[]} tags
 * @property {Schema} payload
 * @property {{ payload: unknown }[]} examples
 * @property {true} [x-not-served-yet]
 */
/**
 * @typedef {object} AsyncApi
 * @property {{ description: string }} info
 * @property {Record<string, { address: string, description: string, bindings: { ws: { query: Schema } } }>} channels
 * @property {{ schemas: Record<string, Schema>, messages: Record<string, Message>, securitySchemes: Record<string, SecurityScheme> }} components
 * @property {CloseCode[]} x-close-codes
 */

/**
 * Both documents of this server.
 * @returns {Promise<{ openApi: OpenApi, asyncApi: AsyncApi }>}
 */
export async function readDocuments() {
  const [openApi, asyncApi] = await Promise.all(['openapi.json', 'asyncapi.json'].map(readJson));
  return { openApi, asyncApi };
}

/** @param {string} path below the server's address */
async function readJson(path) {
  const response = await fetch(`${serverUrl}/${path}`);
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
  return response.json();
}

/** The schemas of a document, where references to them lead. */
export class Schemas {
  #schemas;

  /** @param {Record<string, Schema>} schemas */
  constructor(schemas) {
    this.#schemas = schemas;
  }

  /**
   * A schema itself, and the name it has where it has one. A reference may have a sentence of its own.
   * @param {Schema} schema
   * @returns {{ name: string | null, schema: Schema }}
   */
  resolve(schema) {
    if (!schema.$ref) return { name: null, schema };
    const name = schema.$ref.split('/').at(-1) ?? '';
    const { description } = schema;
    return { name, schema: { ...this.#schemas[name], ...(description ? { description } : {}) } };
  }
}
