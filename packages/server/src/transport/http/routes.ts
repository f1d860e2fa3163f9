import type { FastifyInstance, FastifyRequest, HTTPMethods, onRequestHookHandler } from 'fastify';
import type { TObject, TSchema } from 'typebox';
import type { Callers } from './callers.ts';
import type { Answers, Call, Endpoint, Who } from './endpoint.ts';
import { bodyReader, noBody, type Reader, textReader } from './readers.ts';

/** Puts endpoints on Fastify, and remembers them for the documents. */
export class Routes {
  readonly #app: FastifyInstance;
  readonly #callers: Callers;
  readonly #endpoints: Endpoint[] = [];

  constructor(app: FastifyInstance, callers: Callers) {
    this.#app = app;
    this.#callers = callers;
    app.decorateRequest('caller', null);
  }

  /** All there are, in the order they were added. */
  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /** Callers are let in before their body is read; then what they bring is held to the schemas. */
  add<W extends Who, P extends TObject, Q extends TObject, B extends TSchema, A extends Answers>(
    endpoint: Endpoint<W, P, Q, B, A>,
  ): void {
    const [method, path] = endpoint.call.split(' ') as [HTTPMethods, string];
    const readers = readersOf(endpoint);
    this.#endpoints.push(endpoint as unknown as Endpoint);
    this.#app.route({
      method,
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      onRequest: this.#admit(endpoint.who),
      schema: Object.fromEntries(Object.keys(readers).map((part) => [part, {}])),
      validatorCompiler: ({ httpPart }) => readers[httpPart as keyof Readers] as Reader,
      handler(request, reply) {
        const { params, query, body } = request as unknown as Call<W, P, Q, B>;
        const caller = request.getDecorator<Call<W, P, Q, B>['caller']>('caller');
        return endpoint.handle({ caller, params, query, body, request, reply: reply.code(endpoint.status ?? 200) });
      },
    });
  }

  #admit(who: Who): onRequestHookHandler {
    const callers = this.#callers;
    const letIn = (request: FastifyRequest, caller: unknown): void => request.setDecorator('caller', caller);
    switch (who) {
      case 'back_end':
        return (request, _reply, done) => {
          letIn(request, callers.backEnd(request.raw));
          done();
        };
      case 'user':
        return async (request) => letIn(request, await callers.user(request.raw));
      case 'either':
        return async (request) => letIn(request, await callers.either(request.raw));
      case 'anyone':
        return (_request, _reply, done) => done();
    }
  }
}

interface Readers {
  params?: Reader;
  querystring?: Reader;
  body?: Reader;
}

function readersOf({ call, params, query, body }: Pick<Endpoint, 'call' | 'params' | 'query' | 'body'>): Readers {
  const isBodiless = body === undefined && !call.startsWith('GET ');
  return {
    ...(params ? { params: textReader(params) } : {}),
    ...(query ? { querystring: textReader(query) } : {}),
    ...(body?.checkedBy === 'route' ? { body: bodyReader(body) } : {}),
    ...(isBodiless ? { body: noBody } : {}),
  };
}
