import { TidingsError } from '@tidings/protocol';
import type { FastifyInstance } from 'fastify';
import { userConnections } from '../../commands/connections.ts';
import type { CommandContext } from '../../commands/context.ts';
import { notify, notifyEach, notifyMany } from '../../commands/notify.ts';
import { cancelTask, getTask, listTasks, reportTask, startTask } from '../../commands/tasks.ts';
import type { Callers } from './callers.ts';
import { limitOf, numberOf } from './query.ts';

type Query = Record<string, string | undefined>;

/** What back ends call: notifications, tasks, connections. */
export function backEndRoutes(app: FastifyInstance, context: CommandContext, callers: Callers): void {
  app.post<{ Querystring: Query }>('/notifications', async (request, reply) => {
    const caller = callers.backEnd(request.raw);
    if (!Array.isArray(request.body)) {
      const result = await notify(context, caller, withKey(request.body, request.headers['idempotency-key']));
      return reply.code(201).send(result);
    }
    if (request.query.atomic === 'false') {
      const results = await notifyEach(context, caller, request.body);
      return { results: results.map((item) => (item.ok ? item.result : { error: item.error.toJSON() })) };
    }
    return reply.code(201).send({ results: await notifyMany(context, caller, request.body) });
  });

  app.post('/tasks', async (request, reply) => {
    const caller = callers.backEnd(request.raw);
    const body = withKey(request.body ?? {}, request.headers['idempotency-key']);
    return reply.code(201).send(await startTask(context, caller, body));
  });
  app.patch<{ Params: { id: string } }>('/tasks/:id', async (request) => {
    callers.backEnd(request.raw);
    return reportTask(context, request.params.id, request.body ?? {});
  });
  app.get<{ Querystring: Query }>('/tasks', async (request) => {
    const reader = await callers.either(request.raw);
    const { status = null, before } = request.query;
    return listTasks(context, reader, {
      status,
      before: numberOf(before, 'before'),
      limit: limitOf(request.query.limit),
    });
  });
  app.get<{ Params: { id: string } }>('/tasks/:id', async (request) =>
    getTask(context, await callers.either(request.raw), request.params.id),
  );
  app.post<{ Params: { id: string } }>('/tasks/:id/cancel', async (request) =>
    cancelTask(context, await callers.either(request.raw), request.params.id),
  );

  app.get('/connections', async (request) => {
    callers.backEnd(request.raw);
    return { users: context.presence.users() };
  });
  app.get<{ Params: { id: string }; Querystring: Query }>('/users/:id/connections', async (request) => {
    callers.backEnd(request.raw);
    const { by = 'id', probe } = request.query;
    if (by !== 'id' && by !== 'username') {
      throw new TidingsError('bad_request', `"by" must be id or username; got ${JSON.stringify(by)}`);
    }
    return userConnections(context, { [by]: request.params.id } as { id: string }, probe === 'true');
  });
}

/** The header `Idempotency-Key` stands for the member of a single notification. */
function withKey(body: unknown, header: string | string[] | undefined): unknown {
  if (typeof header !== 'string' || typeof body !== 'object' || body === null) return body;
  return { ...body, idempotency_key: header };
}
