import type { ActionName } from '@tidings/protocol/schemas';
import { notifications, secretWord, type Thing, tasks, tokenOf } from './belongings.ts';

/** A stranger names things of somebody else's: the answers must be those for things that do not exist at all. */
export interface Naming {
  of: readonly Thing[];
  /** Members of an action or of a body that name a record, beside the `{id}` of a path. */
  members?: (id: string) => object;
  /** The expected error; null for none. */
  code: 'not_found' | 'unauthenticated' | 'bad_request' | null;
}
/** Nothing can be named: the answers must be those for somebody whom nothing was ever sent. */
interface Alike {
  alike: readonly Record<string, string | number | boolean>[];
}
/** Nothing to try, and why no id of another user can be named here. */
interface None {
  none: string;
}
export type Entry = readonly (Naming | Alike)[] | None;

const until = new Date(Date.now() + 86_400_000).toISOString();
const notification: Naming = { of: notifications, members: (id) => ({ id }), code: 'not_found' };
const marks = [notification, { ...notification, members: (id: string) => ({ ids: [id, `${id}-2`] }) }];
const snoozes = [{ ...notification, members: (id: string) => ({ id, until }) }];
const answers = [{ ...notification, members: (id: string) => ({ id, action_id: 'yes', comment: 'x' }) }];
const task: Naming = { of: tasks, members: (task_id) => ({ task_id }), code: 'not_found' };
const room: Naming = { of: ['room'], members: (id) => ({ room: `project:${id}` }), code: 'not_found' };
const lists: Alike[] = [
  { alike: [{}, { q: secretWord }, { category: secretWord }, { view: 'archived' }, { unread: true }] },
];
const counts: Alike[] = [{ alike: [{}] }];
const allRead: Alike[] = [{ alike: [{ up_to: 1 }, {}] }];

/** The attempts of a stranger by each action. */
export const byAction: Record<ActionName, Entry> = {
  subscribe: [
    { ...task, code: null },
    { ...task, members: (task_id) => ({ task_id, log_after: 0 }), code: null },
    room,
  ],
  unsubscribe: [
    { ...task, code: null },
    { ...room, code: null },
  ],
  mark_read: [...marks, { ...room, code: null }],
  mark_unread: marks,
  mark_seen: marks,
  archive: marks,
  unarchive: marks,
  unsnooze: marks,
  snooze: snoozes,
  mark_all_read: allRead,
  list: lists,
  unread_count: counts,
  answer: answers,
  answer_task: [
    { ...task, members: (task_id) => ({ task_id, answer: 'yes' }) },
    { ...task, members: (task_id) => ({ task_id, answer: { action_id: 'not a button', comment: 5 } }) },
  ],
  cancel_task: [task],
  retry_task: [task],
  authenticate: [{ of: ['user'], members: (sub) => ({ token: tokenOf(sub) }), code: 'unauthenticated' }],
  send: [
    { ...room, members: (id) => ({ room: `project:${id}`, event: 'e' }) },
    { ...room, members: (id) => ({ room: `project:${id}`, event: 'e', ephemeral: true }) },
  ],
  room_events: [room],
  set_state: [{ ...room, members: (id) => ({ room: `project:${id}`, key: 'k', value: 1 }) }],
  remove_state: [{ ...room, members: (id) => ({ room: `project:${id}`, key: 'k' }) }],
  presence: [{ ...room, members: (id) => ({ room: `project:${id}`, state: {} }) }],
  ack: { none: 'a cursor is a place in the history, which all users share' },
  ping: { none: 'it names nothing' },
};

/** Members that actions need over HTTP alone. */
export const overHttp: Partial<Record<ActionName, object>> = { presence: { session: 'tab1' } };

/** The actions that are refused if there is no socket, whatever they name. */
export const needSockets: readonly ActionName[] = ['subscribe', 'unsubscribe', 'authenticate'];

const ofPath = (of: readonly Thing[], code: Naming['code']): Naming => ({ of, code });
const isPublic = { none: 'it is the same for everybody, and names nobody' };
const asUser = { none: 'it names nobody but who calls' };
/** Routes of back ends: a user's token opens none of them, whatever is named. */
const refused = (of: readonly Thing[], members?: Naming['members']): Naming[] => [
  { of, ...(members ? { members } : {}), code: 'unauthenticated' },
];

/** The attempts of a stranger on each route, as the served document names them. */
export const byRoute: Record<string, Entry> = {
  'POST /api/v1/inbox/seen': marks,
  'POST /api/v1/inbox/read': marks,
  'POST /api/v1/inbox/unread': marks,
  'POST /api/v1/inbox/archive': marks,
  'POST /api/v1/inbox/unarchive': marks,
  'POST /api/v1/inbox/unsnooze': marks,
  'POST /api/v1/inbox/snooze': snoozes,
  'POST /api/v1/inbox/answer': answers,
  'POST /api/v1/inbox/read_all': allRead,
  'GET /api/v1/inbox': lists,
  'GET /api/v1/inbox/unread_count': counts,
  'GET /api/v1/inbox/items/{id}': [ofPath(notifications, 'not_found')],
  'GET /api/v1/tasks': [
    { alike: [{}, { status: 'processing' }, { status: 'failed' }, { limit: 100 }] },
    { alike: [{ owner: `${secretWord}-owner` }, { name: secretWord }] },
  ],
  'GET /api/v1/tasks/{id}': [ofPath(tasks, 'not_found')],
  'GET /api/v1/tasks/{id}/log': [ofPath(tasks, 'not_found')],
  'POST /api/v1/tasks/{id}/cancel': [ofPath(tasks, 'not_found')],
  'POST /api/v1/tasks/{id}/retry': [ofPath(tasks, 'not_found')],
  'POST /api/v1/rooms/{kind}/{id}/events': [{ ...ofPath(['room'], 'not_found'), members: () => ({ event: 'e' }) }],
  'GET /api/v1/rooms/{kind}/{id}/events': [ofPath(['room'], 'not_found')],
  'GET /api/v1/rooms/{kind}/{id}/presence': [ofPath(['room'], 'not_found')],
  'GET /api/v1/rooms/{kind}/{id}/state': [ofPath(['room'], 'not_found')],
  'PUT /api/v1/rooms/{kind}/{id}/state/{key}': [{ ...ofPath(['room'], 'not_found'), members: () => ({ value: 1 }) }],
  'DELETE /api/v1/rooms/{kind}/{id}/state/{key}': [ofPath(['room'], 'not_found')],
  'GET /api/v1/rooms/{kind}/{id}/document/versions': [ofPath(['room'], 'not_found')],
  'GET /api/v1/rooms/{kind}/{id}/document/versions/{version}': [ofPath(['room'], 'not_found')],
  'POST /api/v1/rooms/{kind}/{id}/document/versions': [
    { ...ofPath(['room'], 'not_found'), members: () => ({ name: 'x' }) },
  ],
  'PATCH /api/v1/rooms/{kind}/{id}/document/versions/{version}': [
    { ...ofPath(['room'], 'not_found'), members: () => ({ name: 'x' }) },
  ],
  'DELETE /api/v1/rooms/{kind}/{id}/document/versions/{version}': [ofPath(['room'], 'not_found')],
  'POST /api/v1/rooms/{kind}/{id}/document/versions/{version}/restore': [ofPath(['room'], 'not_found')],
  'GET /api/v1/sync': { none: 'topics that it names are subscribed to, which is tried by the action' },
  'GET /api/v1/events': { none: 'topics that it names are subscribed to, which is tried by the action' },
  'POST /api/v1/actions': { none: 'every action is tried here by itself' },

  'POST /api/v1/notifications': [
    ...refused(['user'], (user) => ({ to: { user }, message: 'x' })),
    ...refused(['username'], (username) => ({ to: { username }, message: 'x' })),
    ...refused(['role'], (role) => ({ to: { role }, message: 'x' })),
    ...refused(tasks, (task_id) => ({ to: { everyone: true }, message: 'x', task_id })),
  ],
  'POST /api/v1/notifications/batch': refused(['user'], (user) => [{ to: { user }, message: 'x' }]),
  'GET /api/v1/notifications': [{ alike: [{}] }],
  'GET /api/v1/notifications/{id}': refused(notifications),
  'PATCH /api/v1/notifications/{id}': refused(notifications, () => ({ title: 'x' })),
  'DELETE /api/v1/notifications/{id}': refused(notifications),
  'GET /api/v1/answers': [{ alike: [{ after: 0 }] }],
  'POST /api/v1/tasks': refused(tasks, (task_id) => ({ task_id, name: 'x' })),
  'POST /api/v1/tasks/{id}/log': refused(tasks, () => ({ entries: [{ text: 'x' }] })),
  'PATCH /api/v1/tasks/{id}': refused(tasks, () => ({ progress: 7 })),
  'GET /api/v1/rooms/{kind}/{id}/members': refused(['room']),
  'PUT /api/v1/rooms/{kind}/{id}/members/{user}': refused(['room'], () => ({ access: 'r' })),
  'DELETE /api/v1/rooms/{kind}/{id}/members/{user}': refused(['room']),
  'GET /api/v1/documents': [{ alike: [{}] }],
  'DELETE /api/v1/rooms/{kind}/{id}/document': refused(['room']),
  'GET /api/v1/connections': [{ alike: [{}] }],
  'GET /api/v1/users/{id}/connections': refused(['user', 'username']),
  'GET /api/v1/users/{id}/inbox': refused(['user', 'username']),
  'PUT /api/v1/users/{id}/roles': refused(['user'], () => ({ roles: [] })),
  'POST /api/v1/users/{id}/disconnect': [
    ...refused(['user'], () => ({})),
    ...refused(['session'], (session_id) => ({ session_id })),
  ],
  'POST /api/v1/tokens/revoke': [
    ...refused(['user'], (user) => ({ user })),
    ...refused(['session'], (session_id) => ({ session_id })),
  ],

  'GET /api/v1/whoami': asUser,
  'POST /api/v1/session': asUser,
  'DELETE /api/v1/session': asUser,
  'GET /openapi.json': isPublic,
  'GET /asyncapi.json': isPublic,
  'GET /api/v1/health': { none: 'it names no user, and is for administrators' },
  'GET /healthz': isPublic,
  'GET /metrics': refused([]),
  'GET /readyz': isPublic,
  'GET /docs': isPublic,
  'GET /test': isPublic,
  'GET /tidings.js': isPublic,
};
