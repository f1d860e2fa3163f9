import type { Change } from '../domain/writes.ts';

type Frame = Record<string, unknown>;
type Kind = Change['kind'];

/** Members left of a frame that is too large for a client: it is counted and ordered by them, and each is of bounded length. */
const always = ['type', 'id', 'timestamp', 'rev', 'alert_rev', 'replayed', 'snapshot', 'receipt'];
const counted = ['unread_count', 'as_of'];
const kept: Record<Kind, readonly string[]> = {
  notification: ['silent', 'category', 'expires_at', 'topic', 'updated_at', 'expired'],
  task: [
    ...['task_id', 'status', 'progress', 'step_number', 'total_steps', 'attempt'],
    ...['cancel_requested', 'run_at', 'started_at'],
  ],
  receipts: [...counted, 'read_upto'],
  membership: [...counted, 'topic', 'access'],
  retracted: [],
  canary: [],
  answer: [],
  room_event: ['room', 'event', 'from'],
  room_state: ['room', 'key'],
};

/** The path where the whole of it is read. */
function addressOf(kind: Kind, { id, task_id, room }: Frame, rev: number): string {
  if (kind === 'notification') return `/api/v1/inbox/items/${id}`;
  // In the query, since some proxies refuse ids with a slash in paths.
  if (kind === 'task') return `/api/v1/tasks/-?task_id=${encodeURIComponent(String(task_id))}`;
  if (kind === 'room_event' || kind === 'room_state') {
    const [kindOfRoom, ...rest] = String(room).split(':');
    const query = new URLSearchParams({ room_id: rest.join(':') });
    if (kind === 'room_state') return `/api/v1/rooms/${kindOfRoom}/-/state?${query}`;
    return `/api/v1/rooms/${kindOfRoom}/-/events?${query}&before=${rev + 1}&limit=1`;
  }
  return kind === 'membership' ? '/api/v1/inbox/unread_count' : '/api/v1/inbox';
}

/** A frame of a record at a rev, without what makes it large, and with the address where the whole of it is read. */
export function truncated(kind: Kind, frame: Frame, rev: number): Frame {
  const names = [...always, ...kept[kind]].filter((name) => name in frame);
  const few = Object.fromEntries(names.map((name) => [name, frame[name]]));
  return { ...few, data: {}, truncated: true, url: addressOf(kind, frame, rev) };
}
