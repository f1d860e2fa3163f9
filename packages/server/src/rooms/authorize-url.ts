import type { Clock } from '../domain/ports.ts';
import { askJson, serviceClient } from '../http-client/ask-json.ts';
import type { Telemetry } from '../telemetry/events.ts';
import { ApplicationRights, type AuthorizeRoom, timeoutMs } from './application-rights.ts';

/** The most questions at a time; the next wait, within their time. */
const atOnce = 100;

/**
 * Asks an address of the application's for rights in rooms: posts `{user, action, room}`, and takes `{"allowed": true}` or
 * `{"allowed": false}` for an answer. Any other answer is none.
 *
 * @param key sent as the bearer of `Authorization`, so that the application knows who asks; null for none
 */
function authorizeByUrl(url: string, key: string | null): AuthorizeRoom {
  const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
  const http = serviceClient({ atOnce });
  return async (user, action, room) => {
    const body = JSON.stringify({ user, action, room });
    const answer = await askJson(http, url, { accept: 'application/json', headers, body, timeoutMs });
    const { allowed } = Object(answer.body) as { allowed?: unknown };
    if (typeof allowed === 'boolean') return allowed;
    throw new Error(`rooms.url (--rooms-url) answers ${answer.status} without {"allowed": true} or {"allowed": false}`);
  };
}

/** Rights that the application gives, asked by its function or at its address; null where it is not asked. */
export function applicationRights(
  { authorize, url, key = null }: { authorize?: AuthorizeRoom; url?: string; key?: string | null },
  parts: { clock: Clock; telemetry: Telemetry },
): ApplicationRights | null {
  const ask = authorize ?? (url === undefined ? null : authorizeByUrl(url, key));
  return ask && new ApplicationRights(ask, parts);
}
