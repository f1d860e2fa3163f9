import { TidingsError } from '@tidings/protocol';
import type { FastifyInstance, FastifyRequest, HTTPMethods, onRequestHookHandler } from 'fastify';
import Type, { type TObject, type TSchema } from 'typebox';
import type { Callers } from './callers.ts';
import type { Answers, Call, Endpoint, Who } from './endpoint.ts';
import { idInQuery, inQuery, queryNamesOf } from './parameters.ts';
import { bodyReader, noBody, type Reader, textReader } from './readers.ts';

/** Puts endpoints on Fastify, and remembers them for the documents. */
export class Routes {
  readonly #app: FastifyInstance;
  readonly #callers: Callers;
  readonly #carriers: readonly string[] | null;
  readonly #endpoints: Endpoint[] = [];

  /** `carriers` are the names by which a query may say who calls; null for any, where the application identifies its users by its own session. */
  constructor(app: FastifyInstance, callers: Callers, carriers: readonly string[] | null) {
    this.#app = app;
    this.#callers = callers;
    this.#carriers = carriers;
    app.decorateRequest('caller', null);
  }

  /** All endpoints, in the order in which they were added. */
  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /** Callers are let in before their body is read; then what they bring is held to the schemas. */
  add<W extends Who, P extends TObject, Q extends TObject, B extends TSchema, A extends Answers>(
    endpoint: Endpoint<W, P, Q, B, A>,
  ): void {
    const [method, path] = endpoint.call.split(' ') as [HTTPMethods, string];
    const readers = readersOf(endpoint, this.#carriers);
    this.#endpoints.push(endpoint as unknown as Endpoint);
    this.#app.route({
      method,
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      onRequest: this.#admit(endpoint.admitsItself ? 'anyone' : endpoint.who),
      schema: Object.fromEntries(Object.keys(readers).map((part) => [part, {}])),
      validatorCompiler: ({ httpPart }) => readers[httpPart as keyof RequestReaders] as Reader,
      handler(request, reply) {
        const { query, body } = request as unknown as Call<W, P, Q, B>;
        const params = named(endpoint, request as Pick<Call<W, P, Q, B>, 'params' | 'query'>);
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
      case 'monitor':
        return (request, _reply, done) => {
          letIn(request, callers.monitor(request.raw));
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

/** The readers of the parts of a request, by Fastify's names. */
interface RequestReaders {
  params?: Reader;
  querystring?: Reader;
  body?: Reader;
}

type Taken = Pick<Endpoint, 'call' | 'params' | 'query' | 'formerQuery' | 'body'>;

function readersOf({ call, params, body, ...queries }: Taken, carriers: readonly string[] | null): RequestReaders {
  const isBodiless = body === undefined && !call.startsWith('GET ');
  const query = { ...queries.query?.properties, ...queries.formerQuery?.properties, ...idInQuery(params) };
  // Pages and probes are asked for with all kinds of queries, against caches for instance.
  const others = call.includes(' /api/') ? carriers : null;
  return {
    ...(params ? { params: textReader(params) } : {}),
    querystring: textReader(Type.Object(query), others),
    ...(body?.checkedBy === 'route' ? { body: bodyReader(body) } : {}),
    ...(isBodiless ? { body: noBody } : {}),
  };
}

/** The parameters of a path, with the ids that the query has in their place. */
function named<P>({ params }: { params?: TObject }, request: { params: P; query: object }): P {
  const found = { ...request.params } as Record<string, string>;
  for (const [name, queryName] of Object.entries(queryNamesOf(params))) {
    const id = (request.query as Record<string, string | undefined>)[queryName];
    if (!id) continue;
    const given = found[name] as string;
    if (given !== inQuery) {
      throw new TidingsError(
        'bad_request',
        `the path has the ${name} ${JSON.stringify(given.slice(0, 60))}, and the query "${queryName}"; with it the path has "${inQuery}"`,
      );
    }
    found[name] = id;
  }
  return found as P;
}
