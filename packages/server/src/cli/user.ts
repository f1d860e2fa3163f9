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

export interface ByIdFlag {
  id?: true;
}

/** The description of the flag `--id`. */
export const byId = 'the user is named by id, and may be one who was never seen here';

/** Finds a user by name, else by id; with --id, any id is taken. Throws `not_found` with how to name a user who was never seen. */
export async function userOf(sender: Sender, user: string, { id }: ByIdFlag): Promise<KnownUser> {
  if (id) return { user_id: user, username: user };
  return findUser(sender, user).catch((error: unknown) => {
    if (!(error instanceof TidingsError) || error.code !== 'not_found') throw error;
    const name = JSON.stringify(user);
    throw new TidingsError('not_found', `no user ${name} was ever seen here; if it is the id of one to come, add --id`);
  });
}
