import type { Clock } from '../domain/ports.ts';
import { askJson, serviceClient } from '../http-client/ask-json.ts';
import type { Telemetry } from '../telemetry/events.ts';
import { ApplicationRights, type AuthorizeRoom, timeoutMs } from './application-rights.ts';

/** The most questions at a time. Further ones wait, which counts for their time limit. */
const atOnce = 100;

/**
 * Asks the application at an address for rights in rooms: posts `{user, action, room}`, and takes `{"allowed": true}` or
 * `{"allowed": false}` for an answer. Rejects on any other.
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
    throw new Error(`answers ${answer.status} without {"allowed": true} or {"allowed": false}`);
  };
}

/** The rights that the application gives, by its function or at its address; null where it has neither. */
export function applicationRights(
  { authorize, url, key = null }: { authorize?: AuthorizeRoom; url?: string; key?: string | null },
  parts: { clock: Clock; telemetry: Telemetry },
): ApplicationRights | null {
  if (authorize) return new ApplicationRights(authorize, parts);
  if (url === undefined) return null;
  return new ApplicationRights(authorizeByUrl(url, key), { ...parts, option: 'rooms.url' });
}
