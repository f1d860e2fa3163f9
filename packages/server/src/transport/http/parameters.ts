import { IdempotencyKey, IdString } from '@tidings/protocol/schemas';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';

/** What stands in the path of calls about one thing. */
export const idOf = (what: string, example: string) =>
  Type.Object({ id: Type.String({ ...IdString, description: what, examples: [example] }) });

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

/** What a retry is known by. */
export const idempotencyHeader = Type.Object({
  'Idempotency-Key': Type.Optional(
    Type.String({
      ...IdempotencyKey,
      description:
        'Stands for the member `idempotency_key`: the same key with the same body is answered alike, once stored',
    }),
  ),
});

/** A body with the key of its header, where there is one. */
export function withKey(body: unknown, { headers }: FastifyRequest): unknown {
  const key = headers['idempotency-key'];
  if (typeof key !== 'string' || typeof body !== 'object' || body === null) return body;
  return { ...body, idempotency_key: key };
}
