import { TidingsError } from '@tidings/protocol';
import { host } from '../host/node.ts';
import type { Id } from './functions.ts';

/** The one context of the program, shared by all senders: each reads the user that any of them set. */
const storage = /* @__PURE__ */ host.asyncStorage<string | undefined>();

const asId = (user: Id | null): string | undefined => (user === null || user === '' ? undefined : String(user));

const missing = (what: string) =>
  new TidingsError('bad_request', `this runtime has no ${what}: pass userId to sendWorkflowNotification instead`);

/** The user of the current asynchronous context; undefined if none was set. */
export function getNotificationUser(): string | undefined {
  return storage?.getStore();
}

/**
 * Sets the user for the rest of the current asynchronous context: the running task, request or function call tree.
 *
 * @throws TidingsError `bad_request` if the runtime cannot
 */
export function enterNotificationUser(user: Id | null): void {
  if (!storage) throw missing('AsyncLocalStorage');
  try {
    storage.enterWith(asId(user));
  } catch {
    throw new TidingsError('bad_request', 'this runtime has no enterWith: use withNotificationUser(user, fn) instead');
  }
}

/** Runs `action`, and all it calls and awaits, with this user. */
export function withNotificationUser<R>(user: Id | null, action: () => R): R {
  if (!storage) throw missing('AsyncLocalStorage');
  return storage.run(asId(user), action);
}
