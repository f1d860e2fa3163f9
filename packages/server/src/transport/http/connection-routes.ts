import { ConnectedUsers, inboxFilter, UserConnections, UserInbox } from '@tidings/protocol/schemas';
import Type from 'typebox';
import { userConnections } from '../../commands/connections.ts';
import type { CommandContext } from '../../commands/context.ts';
import { readUserInbox } from '../../commands/inbox.ts';
import * as examples from './documents/examples/answers.ts';
import { answer } from './endpoint.ts';
import { idOf } from './parameters.ts';
import type { Routes } from './routes.ts';

const group = 'People';
const params = idOf('The user, by id or, with `by=username`, by name', '42', 'user_id');
const by = Type.Optional(
  Type.Union([Type.Literal('id'), Type.Literal('username')], {
    ...{ default: 'id', description: 'What the path names the user by' },
  }),
);
const nameOf = (id: string, by: 'id' | 'username' = 'id') => (by === 'id' ? { id } : { username: id });

/** The routes that list the connected users. */
export function connectionRoutes(routes: Routes, context: CommandContext): void {
  routes.add({
    call: 'GET /api/v1/connections',
    ...{ id: 'listConnectedUsers', group, summary: 'List everybody who is connected' },
    who: 'back_end',
    answers: { 200: answer(ConnectedUsers, 'Who is connected at this moment', { users: examples.connectedUsers }) },
    store: 'none',
    handle: async () => ({ users: [...(await context.presence.users())] }),
  });
  routes.add({
    call: 'GET /api/v1/users/{id}/connections',
    ...{ id: 'readUserConnections', group, summary: 'See whether a user is connected, and on what' },
    who: 'back_end',
    params,
    query: Type.Object({
      by,
      probe: Type.Optional(
        Type.Boolean({
          default: false,
          description: 'Ask each connection for a sign of life, and tell how long it took',
        }),
      ),
    }),
    answers: { 200: answer(UserConnections, 'The connections of the user', { connected: examples.userConnections }) },
    store: 'reads',
    handle: ({ params, query: { by, probe = false } }) => userConnections(context, nameOf(params.id, by), probe),
  });
  routes.add({
    call: 'GET /api/v1/users/{id}/inbox',
    ...{ id: 'readUserInbox', group, summary: 'See what is in the inbox of a user' },
    description: 'As the user sees it, with the roles that are known. Reading it marks nothing as seen or read.',
    who: 'back_end',
    params,
    query: Type.Object({ by, ...inboxFilter }),
    answers: { 200: answer(UserInbox, 'A page', { page: examples.userInbox }) },
    errors: { not_found: 'no user "43" was ever seen here; what is sent waits' },
    store: 'reads',
    handle: async ({ params, query: { by, ...filter } }) =>
      (await readUserInbox(context, nameOf(params.id, by), filter)) as UserInbox,
  });
}
