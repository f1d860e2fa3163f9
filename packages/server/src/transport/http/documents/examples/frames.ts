import type { FrameName, FrameOf, NodeHealth, TaskLogEntry } from '@tidings/protocol';
import { ids } from './names.ts';

/** A place in the history, as a live frame names it. */
const at = (rev: number) => ({ rev, cursor: `${ids.term}:${rev}:${ids.cursorTag}` });
const { cursor } = at(4711);
const record = {
  ...{ id: ids.notification, ...at(4711), timestamp: '2026-01-31T09:30:07.000Z' },
  data: { transfer_id: 1002 } as Record<string, unknown>,
};
const task = {
  ...{ id: `task:${ids.task}`, ...at(4715), timestamp: '2026-01-31T09:30:07.093Z', data: {} },
  ...{ task_id: ids.task, name: 'Budget transfer 1002', total_steps: 5, attempt: 1, cancel_requested: false },
  started_at: '2026-01-31T09:30:00.412Z',
};
const counts = { unread_count: 3, categories: { transfers: 2 }, as_of: 4711 };
const file = {
  ...{ file_url: 'https://files.example.com/exports/1002.csv', file_name: '1002.csv', file_size: 48_213 },
};
const announcement = {
  title: 'The ledger closes at six',
  message: 'Submit before 18:00',
  notification_type: 'warning',
  recipient_id: 'finance',
  recipient_type: 'role',
  created_at: '2026-01-31T09:30:07.000Z',
  is_read: false,
} as const;
const upload = { transaction_id: '1002', silent: true, data: {} } as const;

const nodeHealth = {
  ...{ node: 'n8k2m1', status: 'degraded', at: '2026-01-31T09:30:07.000Z' },
  components: {
    store: { state: 'ok', since: '2026-01-31T08:00:00.000Z', reasons: [], latency_ms: 0.8 },
    disk: {
      ...{ state: 'degraded', since: '2026-01-31T09:29:58.000Z', latency_ms: null },
      reasons: ['812 MiB are free on the volume of /data/tidings.db; make room, or move the database to a larger one'],
    },
  },
  canary: {
    ...{ running: true, connects: 'loopback', sent_at: '2026-01-31T09:30:05.000Z' },
    ...{ commit_ms: 2.1, hub_ms: 2.2, websocket_ms: 3.1, sse_ms: 3.3, long_poll_ms: 3.4 },
  },
  incidents: [
    {
      ...{ id: 'n8k2m1-1', component: 'disk', state: 'degraded' },
      ...{ started_at: '2026-01-31T09:29:58.000Z', ended_at: null, ended_by: null },
      reasons: ['812 MiB are free on the volume of /data/tidings.db; make room, or move the database to a larger one'],
    },
  ],
} satisfies NodeHealth;

const logEntries: TaskLogEntry[] = [
  { seq: 1, kind: 'line', level: 'info', attempt: 1, at: '2026-03-14T09:26:53.000Z', text: 'Reading june.csv' },
  { seq: 2, kind: 'chunk', level: 'info', attempt: 1, at: '2026-03-14T09:26:53.050Z', text: '42% done, 43% do' },
];

/** An example of each frame. */
export const frameExamples: { [N in FrameName]: FrameOf<N> } = {
  connection_established: {
    ...{ type: 'connection_established', user_id: '42', username: 'amadmin', session_id: ids.session },
    ...{ roles: ['finance'], cursor: null, recovered: true, read_upto: 1_987 },
    server_time: '2026-01-31T08:58:11.000Z',
  },
  synced: { type: 'synced', cursor, ...counts, read_upto: 2_041 },
  ping: { type: 'ping', cursor },
  user_message: { type: 'user_message', ...record, username: '42', message: 'Your export is being prepared', data: {} },
  user_notification: {
    ...{ type: 'user_notification', ...record, category: 'transfers', username: '42', notification_type: 'success' },
    ...{ title: 'Budget transfer 1002', message: 'Posted to the ledger' },
  },
  user_file: { type: 'user_file', ...record, username: '42', message: 'Your export is ready', ...file, data: file },
  generic_message: { type: 'generic_message', ...record, message: 'The night run begins at one', data: {} },
  notification: {
    ...{ ...record, type: 'notification', topic: 'role:finance', external_id: 'ann-7' },
    ...announcement,
    data: { ...announcement, id: 'ann-7' },
  },
  oracle_upload_started: { type: 'oracle_upload_started', ...record, ...upload, message: 'Upload started' },
  oracle_upload_progress: {
    ...{ type: 'oracle_upload_progress', ...record, ...upload, message: 'Step 4 of 5: Journal Import' },
    ...{ step: 'Journal Import', step_number: 4, total_steps: 5, status: 'processing' },
  },
  oracle_upload_completed: {
    ...{ type: 'oracle_upload_completed', ...record, transaction_id: '1002', data: {} },
    ...{ message: 'Upload completed', result_path: '/transfers/1002/result.csv' },
  },
  oracle_upload_failed: {
    ...{ type: 'oracle_upload_failed', ...record, transaction_id: '1002', data: {} },
    ...{ message: 'Upload failed: account 4711 is closed', error: 'account 4711 is closed' },
  },
  subscribed: { type: 'subscribed', task_id: ids.task },
  unsubscribed: { type: 'unsubscribed', task_id: ids.task },
  task_update: {
    ...{ type: 'task_update', ...task, status: 'processing', message: 'Importing 214 lines', progress: 60 },
    ...{ step: 'Journal Import', step_number: 4 },
  },
  task_complete: {
    ...{ type: 'task_complete', ...task, status: 'completed', message: 'Posted', progress: 100, step: 'AutoPost' },
    ...{ step_number: 5, result: { journal: 'JE-1002' } },
  },
  task_error: {
    ...{ type: 'task_error', ...task, status: 'failed', message: 'Importing 214 lines', progress: 60 },
    ...{ step: 'Journal Import', step_number: 4, error: 'Line 17: account 4711 is closed' },
  },
  task_cancelled: {
    ...{ type: 'task_cancelled', ...task, cancel_requested: true, status: 'cancelled', message: 'Stopped on request' },
    ...{ progress: 60, step: 'Journal Import', step_number: 4 },
  },
  receipts: {
    ...{ type: 'receipts', ...record, id: 'receipts:42', ...at(4716), data: {}, read_upto: 4700 },
    ...{ ...counts, unread_count: 2, categories: { transfers: 1 }, as_of: 4716 },
    items: [
      {
        ...{ id: ids.notification, seen_at: '2026-01-31T09:31:02.000Z', read_at: '2026-01-31T09:31:05.000Z' },
        ...{ archived_at: null, snoozed_until: null },
      },
    ],
  },
  unread_count: { type: 'unread_count', ...counts },
  retracted: { type: 'retracted', ...record, ...at(4717), data: {} },
  topic_joined: {
    ...{ type: 'topic_joined', ...record, id: 'audience:role:finance', ...at(4718), data: {}, topic: 'role:finance' },
    ...{ ...counts, as_of: 4718 },
  },
  topic_left: {
    ...{ type: 'topic_left', ...record, id: 'audience:role:finance', ...at(4719), data: {}, topic: 'role:finance' },
    ...{ ...counts, as_of: 4719 },
  },
  room_event: {
    ...{ type: 'room_event', ...record, id: ids.event, ...at(4720), room: 'project:12', event: 'comment_added' },
    from: { user_id: '43', username: 'jdoe' },
    data: { text: 'Looks right to me' },
  },
  room_state: {
    ...{ type: 'room_state', ...record, id: ids.state, ...at(4721), room: 'project:12', key: 'phase', value: 'review' },
    ...{ from: { user_id: '43', username: 'jdoe' }, data: {} },
  },
  task_log: { type: 'task_log', task_id: ids.task, entries: logEntries },
  ephemeral_event: {
    ...{ type: 'ephemeral_event', timestamp: record.timestamp, room: 'project:12', event: 'cursor' },
    ...{ from: { user_id: '43', username: 'jdoe' }, data: { line: 17 } },
  },
  presence: {
    type: 'presence',
    room: 'project:12',
    joined: { '43': { username: 'jdoe', sessions: { [ids.session]: { cursor: 17 } } } },
  },
  system_health: {
    ...{ type: 'system_health', ...nodeHealth, other_nodes: [] },
    history: [
      ...nodeHealth.incidents.map((incident) => ({ ...incident, node: nodeHealth.node })),
      {
        ...{ id: 'n8jz7c-4', node: 'n8jz7c', component: 'broker', state: 'down', ended_by: 'restart' },
        ...{ started_at: '2026-01-31T07:58:10.000Z', ended_at: '2026-01-31T07:59:35.000Z' },
        reasons: ['other nodes are not heard: the connection to the database that listens was lost; it is made anew'],
      },
    ],
  },
  reply: { type: 'reply', ref: 1 },
  error: {
    ...{ type: 'error', ref: 1, code: 'not_found', message: 'there is no task "t9", or it is not yours' },
    docs_url: 'https://tidings.dev/errors/not_found',
  },
};

/** A frame of which only what is short is left. */
export const truncatedExample = {
  ...{ type: 'invoice_paid', ...record, data: {}, category: 'invoices' },
  ...{ truncated: true, url: `/api/v1/inbox/items/${ids.notification}` },
};

/** An event that an application invented. */
export const eventExample = {
  ...{ type: 'invoice_paid', ...record, invoice_id: 'inv-9', amount: 1250 },
  data: { invoice_id: 'inv-9', amount: 1250 },
};

/** A sentence about each frame, chapter by chapter. */
export const frameGuide = {
  Connection: {
    connection_established: 'Always the first: who is connected, and whether the cursor was honoured',
    synced: 'The catch-up ends here; what follows is live',
    ping: 'A sign of life every 25 s or so, and after each page of a long catch-up; its cursor becomes the client’s',
    reply: 'The result of an action that had a `ref`',
    error: 'An action, or a frame that could not be read, was refused',
  },
  Notifications: {
    user_message: 'A message to a user',
    user_notification: 'A notification with a colour and a title',
    user_file: 'A file to download',
    generic_message: 'A message without an addressee’s name',
    notification: 'An application’s own notification object, to a user, a role or everyone',
    oracle_upload_started: 'An upload to the ERP has begun',
    oracle_upload_progress: 'An upload has reached a step',
    oracle_upload_completed: 'An upload is done',
    oracle_upload_failed: 'An upload has failed',
  },
  Tasks: {
    subscribed: 'A task or room is followed from now on; what there is of it comes next',
    unsubscribed: 'A task or room is followed no more, as the client asked or since the right has ended',
    task_update: 'A task as it stands: queued, processing or waiting',
    task_complete: 'A task is done, with its result',
    task_error: 'A task has failed, with its error',
    task_cancelled: 'A task was stopped',
    task_log: 'What was added to the log of a task that is followed with it',
  },
  'Inbox state': {
    receipts: 'What this user did with notifications, here or on another device, and the count it makes',
    unread_count: 'The unread count, where something else than a receipt changed it',
    retracted: 'A record is not for this user any more: take it off the list',
    topic_joined:
      'The user is a member of a role, or of everyone, from now on, and its newest records follow; or of a room, with a right',
    topic_left: 'The user is no member of a role or a room any more: take what came by it off the list',
  },
  'Rooms and health': {
    room_event: 'Something happened in a room, which keeps it',
    room_state: 'A key of a room’s state has this value from now on; `retracted` with its `id`: it has none any more',
    ephemeral_event: 'The same as an event, where nobody keeps it: never stored, never sent again',
    presence: 'Who is in a room: all of them (`members`), or a difference',
    system_health: 'How the components of the system are',
  },
} as const satisfies Record<string, Partial<Record<FrameName, string>>>;
