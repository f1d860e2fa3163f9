import { ConnectedUsers, UserConnections } from '@tidings/protocol/schemas';
import Type from 'typebox';
import { userConnections } from '../../commands/connections.ts';
import type { CommandContext } from '../../commands/context.ts';
import * as examples from './documents/examples/answers.ts';
import { answer } from './endpoint.ts';
import { idOf } from './parameters.ts';
import type { Routes } from './routes.ts';

const group = 'People';

/** Who is connected. */
export function connectionRoutes(routes: Routes, context: CommandContext): void {
  routes.add({
    call: 'GET /api/v1/connections',
    ...{ id: 'listConnectedUsers', group, summary: 'List everybody who is connected' },
    who: 'back_end',
    answers: { 200: answer(ConnectedUsers, 'Who is connected at this moment', { users: examples.connectedUsers }) },
    store: 'none',
    handle: () => ({ users: context.presence.users() }),
  });
  routes.add({
    call: 'GET /api/v1/users/{id}/connections',
    ...{ id: 'readUserConnections', group, summary: 'See whether a user is connected, and on what' },
    who: 'back_end',
    params: idOf('The user, by id or, with `by=username`, by name', '42'),
    query: Type.Object({
      by: Type.Optional(
        Type.Union([Type.Literal('id'), Type.Literal('username')], {
          ...{ default: 'id', description: 'What the path names the user by' },
        }),
      ),
      probe: Type.Optional(
        Type.Boolean({
          default: false,
          description: 'Ask each connection for a sign of life, and tell how long it took',
        }),
      ),
    }),
    answers: { 200: answer(UserConnections, 'The connections of the user', { connected: examples.userConnections }) },
    store: 'reads',
    handle: ({ params, query: { by = 'id', probe = false } }) =>
      userConnections(context, by === 'id' ? { id: params.id } : { username: params.id }, probe),
  });
}
