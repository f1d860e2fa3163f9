import Type, { type Static } from 'typebox';
import type * as users from '../wire/users.ts';
import { Id, IdString, Reason, Role } from './fields.ts';

const closed = { additionalProperties: false };

/** Body of `PUT /api/v1/users/{id}/roles`: all the roles of a user, until a token that is issued later says otherwise. */
export const RolesInput = Type.Object(
  { roles: Type.Array(Role, { maxItems: 1_000, description: 'All of them; [] for none' }) },
  closed,
);
export type RolesInput = Static<typeof RolesInput>;

/** Its answer. */
export const UserRoles = Type.Object({ user_id: Type.String(), roles: Type.Array(Type.String()) });
export type UserRoles = users.UserRoles;

/** Body of `POST /api/v1/users/{id}/disconnect`. */
export const DisconnectInput = Type.Object(
  {
    session_id: Type.Optional({
      ...IdString,
      description: 'The session to end; all of the user’s where it is left out',
    }),
    reason: Type.Optional(Reason),
  },
  closed,
);
export type DisconnectInput = Static<typeof DisconnectInput>;

/** Body of `POST /api/v1/tokens/revoke`: exactly one of `user`, `token_id` and `session_id`. */
export const RevokeInput = Type.Object(
  {
    user: Type.Optional({ ...Id, description: 'All tokens of this user that were issued before now' }),
    token_id: Type.Optional({ ...IdString, description: 'The token with this `jti`' }),
    session_id: Type.Optional({ ...IdString, description: 'The token that this session came with' }),
    reason: Type.Optional(Reason),
  },
  { ...closed, description: 'Exactly one of user, token_id and session_id' },
);
export type RevokeInput = Static<typeof RevokeInput>;

/** The answer to both. */
export const Disconnected = Type.Object({
  disconnected: Type.Integer({
    minimum: 0,
    description:
      'Sessions that ended on the node that was asked; other nodes end theirs within 2 s, and are not counted',
  }),
});
export type Disconnected = users.Disconnected;
