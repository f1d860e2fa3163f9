import { TidingsError } from '@tidings/protocol';
import type { Id, Sender } from '@tidings/sender';
import { oneLine } from './text.ts';

/** A user whom the server has seen. */
export interface KnownUser {
  user_id: string;
  username: string;
}

/** Asks about a user by name, as one sends; else by id. Throws `not_found` for one who was never seen. */
export async function byNameOrId<R>(user: string, ask: (name: Id | { username: Id }) => Promise<R>): Promise<R> {
  return ask({ username: user }).catch((error: unknown) => {
    if (error instanceof TidingsError && error.code === 'not_found') return ask(user);
    throw error;
  });
}

/** Finds a user by name, else by id. Throws `not_found` for one who was never seen. */
export const findUser = (sender: Sender, user: string): Promise<KnownUser> =>
  byNameOrId(user, (name) => sender.users.inbox(name, { limit: 1 }));

/** `bob (id 2)`. */
export const calledOf = ({ user_id, username }: KnownUser): string =>
  oneLine(username === user_id ? user_id : `${username} (id ${user_id})`);
