import { TidingsError } from '@tidings/protocol';
import { parseAction } from '@tidings/protocol/schemas';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { runAction } from '../../commands/actions.ts';
import type { CommandContext } from '../../commands/context.ts';
import { countUnread, listInbox, markAllRead, markInbox } from '../../commands/inbox.ts';
import { bearerOf, tokenCookie } from '../../session/authenticator.ts';
import type { Callers } from './callers.ts';
import { limitOf, numberOf } from './query.ts';

type Query = Record<string, string | undefined>;

/** What users call: who they are, their inbox, and any action that needs no socket. */
export function userRoutes(app: FastifyInstance, context: CommandContext, callers: Callers): void {
  app.get('/whoami', async (request) => {
    const { id, username, roles } = await callers.user(request.raw);
    return { user_id: id, username, roles };
  });

  app.post('/session', async (request, reply) => {
    const token = bearerOf(request.raw);
    if (!token) throw new TidingsError('unauthenticated', 'send the token as "Authorization: Bearer <token>"');
    const { id, username, roles, expiresAt } = await callers.user(request.raw);
    const seconds = expiresAt === null ? null : Math.max(0, Math.floor((expiresAt - context.clock.now()) / 1000));
    reply.header('set-cookie', cookie(request, token, seconds));
    return { user_id: id, username, roles };
  });
  app.delete('/session', async (request, reply) => {
    reply.header('set-cookie', cookie(request, '', 0));
    return reply.code(204).send();
  });

  app.get<{ Querystring: Query }>('/inbox', async (request) => {
    const { before, limit } = request.query;
    const person = await callers.user(request.raw);
    return listInbox(context, person, { before: numberOf(before, 'before') ?? undefined, limit: limitOf(limit) });
  });
  app.get('/inbox/unread_count', async (request) => countUnread(context, await callers.user(request.raw)));
  app.post('/inbox/read', async (request) =>
    markInbox(context, await callers.user(request.raw), 'read', idsOf(request.body)),
  );
  app.post<{ Body: { up_to?: unknown } | null }>('/inbox/read_all', async (request) => {
    const person = await callers.user(request.raw);
    const upTo = request.body?.up_to ?? (await context.store.head()).head;
    if (typeof upTo !== 'number' || !Number.isSafeInteger(upTo) || upTo < 0) {
      throw new TidingsError('bad_request', '"up_to" must be a rev, a whole number');
    }
    return markAllRead(context, person, upTo);
  });

  app.post('/actions', async (request) => {
    const identity = await callers.user(request.raw);
    const parsed = parseAction(JSON.stringify(request.body ?? null));
    if (!parsed.ok) throw new TidingsError(parsed.code, parsed.message);
    const result = await runAction(context, { kind: 'person', identity, follower: null }, parsed.action);
    return { type: 'reply', ...(parsed.ref === undefined ? {} : { ref: parsed.ref }), ...result };
  });
}

function idsOf(body: unknown): { ids: string[] } {
  const { id, ids } = (body ?? {}) as { id?: unknown; ids?: unknown };
  const all = ids === undefined ? [id] : ids;
  if (Array.isArray(all) && all.length > 0 && all.length <= 1_000 && all.every((one) => typeof one === 'string')) {
    return { ids: all };
  }
  throw new TidingsError('bad_request', 'send {"ids": ["..."]}, 1 to 1,000 ids of notifications');
}

function cookie(request: FastifyRequest, token: string, maxAge: number | null): string {
  const age = maxAge === null ? '' : `; Max-Age=${maxAge}`;
  const secure = request.protocol === 'https' || request.headers['x-forwarded-proto'] === 'https' ? '; Secure' : '';
  return `${tokenCookie}=${token}; Path=/; HttpOnly; SameSite=Lax${age}${secure}`;
}
