import { TidingsError } from '@tidings/protocol';
import { IdempotencyKey, IdString } from '@tidings/protocol/schemas';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Type, { type TObject, type TProperties } from 'typebox';
import type { WaitOptions } from '../../domain/changes.ts';
import { checker } from './readers.ts';

/** The id in the path of a call where the query has it. */
export const inQuery = '-';

/**
 * The thing that a call is about: its id stands in the path or, with `-` there, in the query under a name of its own. Some proxies decode
 * `%2F` in paths, or refuse it; queries they leave alone.
 */
export const idOf = (what: string, example: string, queryName: `${string}_id`) =>
  Type.Object(
    { id: Type.String({ ...IdString, description: what, examples: [example] }) },
    { queryNames: { id: queryName } satisfies QueryNames },
  );

/** By parameter of a path, the name of the member of the query that may stand for it. */
export type QueryNames = Record<string, `${string}_id` | 'state_key'>;

/** The parameters of a path that may stand in the query. */
export const queryNamesOf = (params: TObject | undefined): QueryNames =>
  (params as { queryNames?: QueryNames } | undefined)?.queryNames ?? {};

/** The members of the query that stand for ids in the path. */
export function idInQuery(params: TObject | undefined): TProperties {
  const members = Object.entries(queryNamesOf(params)).map(([name, queryName]) => {
    const description = `In place of the \`${name}\` in the path, which is then \`${inQuery}\`: for ids with \`/\`, which some proxies refuse in paths`;
    return [queryName, Type.Optional(Type.String({ ...IdString, description }))];
  });
  return Object.fromEntries(members);
}

/** The parameters of every list that is read page by page, newest first. */
export const paging = {
  before: Type.Optional(
    Type.Integer({
      ...{ minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      description: 'The `next_before` of the page before; without it the newest',
    }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'How many items' })),
};

/** The longest time a call waits for a change before it is answered, s. */
export const wait = Type.Optional(
  Type.Integer({ minimum: 0, maximum: 60, default: 0, description: 'How many seconds to wait for news' }),
);

/** The same for a command: as long as it was said, and no longer than the caller is there. */
export function waitOptionsOf(seconds: number | undefined, reply: FastifyReply): WaitOptions {
  if (!seconds) return { ms: 0 };
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return { ms: seconds * 1_000, signal: gone.signal };
}

const keyed = (description: string) =>
  Type.Object({ 'Idempotency-Key': Type.Optional(Type.String({ ...IdempotencyKey, description })) });

/** The header by which a retry is recognised. */
export const idempotencyHeader = keyed(
  'Stands for the member `idempotency_key`: the same key with the same body is answered alike, once stored',
);

/** The same for a batch. */
export const batchKeyHeader = keyed(
  'The key of the batch: each item that has no `idempotency_key` of its own is known by it and by its place',
);

const readKey = checker(IdempotencyKey, 'the header Idempotency-Key');

/** The key of a request's header; undefined without one. Throws `bad_request` for one that cannot be kept. */
export function keyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  return key === undefined ? undefined : (readKey(key) as string);
}

/** A body with the key of its header, if there is one. Throws `bad_request` if the body has another. */
export function withKey(body: unknown, request: FastifyRequest): unknown {
  const key = keyOf(request);
  if (key === undefined || typeof body !== 'object' || body === null) return body;
  const { idempotency_key: own } = body as { idempotency_key?: unknown };
  if (own !== undefined && own !== key) {
    const [header, member] = [key, own].map((one) => JSON.stringify(one)?.slice(0, 60));
    throw new TidingsError(
      'bad_request',
      `the header Idempotency-Key is ${header} and the member idempotency_key ${member}; give one of them, or the same in both`,
    );
  }
  return { ...body, idempotency_key: key };
}
