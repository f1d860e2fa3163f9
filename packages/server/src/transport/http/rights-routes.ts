import { Disconnected, DisconnectInput, RevokeInput, RolesInput, UserRoles } from '@tidings/protocol/schemas';
import { disconnect, revoke, setRoles } from '../../commands/access.ts';
import type { CommandContext } from '../../commands/context.ts';
import * as examples from './documents/examples/answers.ts';
import { answer, commandBody } from './endpoint.ts';
import { idOf } from './parameters.ts';
import type { Routes } from './routes.ts';

const common = { group: 'People', who: 'back_end', store: 'writes' } as const;
const params = idOf('The user, by id; known here or not', '42', 'user_id');
const counted =
  'The answer counts the sessions of the node that was asked; other nodes end theirs within 2 s, and are not counted.';
const ended = { 200: answer(Disconnected, 'Stored; other nodes follow within 2 s', { ended: { disconnected: 2 } }) };

/** Routes for the roles of users, and for disconnecting and revoking. */
export function rightsRoutes(routes: Routes, context: CommandContext): void {
  routes.add({
    call: 'PUT /api/v1/users/{id}/roles',
    ...{ id: 'setRoles', ...common, summary: 'Say what roles a user has', params },
    description:
      'The roles hold until a token that is issued later says otherwise. What is sent to a role that was lost is received no more, at once and everywhere.',
    body: commandBody(RolesInput, { roles: { roles: ['finance', 'auditors'] }, none: { roles: [] } }),
    answers: { 200: answer(UserRoles, 'The roles that hold', { roles: examples.userRoles }) },
    handle: ({ params, body }) => setRoles(context, params.id, body),
  });
  routes.add({
    call: 'POST /api/v1/users/{id}/disconnect',
    ...{ id: 'disconnectUser', ...common, summary: 'End the sessions of a user, or one of them', params },
    description: `They are closed with 4403: clients do not come back by themselves, and nothing keeps the user from it. ${counted}`,
    body: commandBody(
      DisconnectInput,
      { all: {}, one: { session_id: examples.session.session_id, reason: 'Signed in elsewhere' } },
      true,
    ),
    answers: ended,
    handle: ({ params, body }) => disconnect(context, params.id, body),
  });
  routes.add({
    call: 'POST /api/v1/tokens/revoke',
    ...{ id: 'revokeTokens', ...common, summary: 'Refuse tokens from now on, and end what was opened with them' },
    description: `Sessions are closed with 4401. Exactly one of \`user\`, \`token_id\` and \`session_id\` says which tokens. ${counted}`,
    body: commandBody(RevokeInput, {
      'all of a user so far': { user: '42', reason: 'The password was changed' },
      'one token': { token_id: 'jti-7f3a' },
      'the token of a session': { session_id: examples.session.session_id },
    }),
    answers: ended,
    handle: ({ body }) => revoke(context, body),
  });
}
