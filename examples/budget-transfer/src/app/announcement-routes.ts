import type { Announcements, NewAnnouncement } from './announcements.ts';
import { type Call, Refusal, type Route, readJson, sendJson } from './http.ts';
import { mayAnnounce } from './people.ts';

const longestSeconds = 7 * 86_400;

/**
 * `POST /announcements {message, title?, audience?, in_seconds?, for_seconds?}`, `POST /announcements/maintenance {in_seconds,
 * for_seconds}`, `PATCH /announcements/ID {message}`, `DELETE /announcements/ID`, and `GET /announcements`: the newest, as they stand.
 */
export function announcementRoutes(announcements: Announcements): Route[] {
  const route = (method: Route['method'], path: RegExp, change: (call: Call) => Promise<void>): Route => ({
    method,
    path,
    async answer(call) {
      if (!mayAnnounce(call.person)) throw new Refusal(403, 'Only application managers announce things to others.');
      await change(call);
      sendJson(call.response, 200, { items: await announcements.list() });
    },
  });
  return [
    route('GET', /^\/announcements$/, async () => {}),
    route('POST', /^\/announcements$/, async ({ request, person }) =>
      announcements.announce(person, announcementOf(await readJson(request))),
    ),
    route('POST', /^\/announcements\/maintenance$/, async ({ request, person }) => {
      const { in_seconds, for_seconds } = await readJson(request);
      await announcements.announceMaintenance(
        person,
        secondsOf('in_seconds', in_seconds),
        secondsOf('for_seconds', for_seconds),
      );
    }),
    route('PATCH', /^\/announcements\/([\w-]+)$/, async ({ request, params: [id = ''] }) =>
      announcements.edit(id, messageOf(await readJson(request))),
    ),
    route('DELETE', /^\/announcements\/([\w-]+)$/, async ({ params: [id = ''] }) => announcements.retract(id)),
  ];
}

function announcementOf(body: Record<string, unknown>): NewAnnouncement {
  const { title = 'Announcement', audience = 'everyone', in_seconds = 0, for_seconds = null } = body;
  if (typeof title !== 'string' || title.length > 100)
    throw new Refusal(400, 'Expected a title of 1 to 100 characters.');
  if (audience !== 'everyone' && audience !== 'approvers') {
    throw new Refusal(400, 'Expected audience as everyone or approvers.');
  }
  return {
    ...{ title, audience, message: messageOf(body) },
    inSeconds: in_seconds === 0 ? 0 : secondsOf('in_seconds', in_seconds),
    forSeconds: for_seconds === null ? null : secondsOf('for_seconds', for_seconds),
  };
}

function messageOf({ message }: Record<string, unknown>): string {
  if (typeof message === 'string' && message.trim() !== '' && message.length <= 300) return message.trim();
  throw new Refusal(400, 'Expected a message of 1 to 300 characters.');
}

function secondsOf(name: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value <= longestSeconds) return value;
  throw new Refusal(400, `Expected ${name} as a number of seconds, at most a week.`);
}
