import { IdempotencyKey, IdString } from '@tidings/protocol/schemas';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Patience } from '../../domain/watch.ts';

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

/** How long a call waits for news before it is answered as things are. */
export const wait = Type.Optional(
  Type.Integer({ minimum: 0, maximum: 60, default: 0, description: 'How many seconds to wait for news' }),
);

/** The same for a command: as long as it was said, and no longer than the caller is there. */
export function patienceOf(seconds: number | undefined, reply: FastifyReply): Patience {
  if (!seconds) return { ms: 0 };
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return { ms: seconds * 1_000, signal: gone.signal };
}

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
