import type {
  Answer,
  AnswerCallback,
  AnswerPage,
  AnswerResult,
  BatchResult,
  ConnectedUsers,
  DocumentPage,
  DocumentRestored,
  DocumentVersion,
  DocumentVersionContent,
  DocumentVersionPage,
  Health,
  InboxItem,
  InboxPage,
  MarkResult,
  NotificationEdit,
  NotificationView,
  NotifyInput,
  NotifyResult,
  RoomEventPage,
  RoomMemberPage,
  RoomMembership,
  RoomPresence,
  RoomState,
  ScheduledPage,
  SentRoomEvent,
  SystemHealth,
  Task,
  TaskLogInput,
  TaskLogPage,
  TaskPage,
  TaskReport,
  TaskStart,
  UnreadCount,
  UserConnections,
  UserInbox,
  UserRoles,
  WhoAmI,
} from '@tidings/protocol/schemas';
import { frameExamples } from './frames.ts';
import { ids, inDays } from './names.ts';

/** A frame as it is read, not sent: without a cursor. */
const asListed = <F extends { cursor?: string }>({ cursor: _sent, ...frame }: F): Omit<F, 'cursor'> => frame;

/** Bodies of calls and answers in one story: a budget transfer that user 42 has submitted. */

export const notifications = {
  'to a user': {
    ...{ to: { user: '42' }, type: 'user_notification', notification_type: 'success', title: 'Budget transfer 1002' },
    ...{ message: 'Posted to the ledger', category: 'transfers', data: { transfer_id: 1002 } },
  },
  'to a name': { to: { username: 'amadmin' }, type: 'user_message', message: 'Your export is being prepared' },
  'a file': {
    ...{ to: { user: '42' }, type: 'user_file', message: 'Your export is ready' },
    data: { file_url: 'https://files.example.com/exports/1002.csv', file_size: 48_213 },
  },
  'a question': {
    ...{ to: { user: '42' }, title: 'Approve transfer 1002?', message: '12,500 from travel to hardware' },
    actions: [
      { id: 'approve', label: 'Approve', style: 'primary' },
      { id: 'reject', label: 'Reject', style: 'danger' },
    ],
    ...{ external_id: 'approval-7', callback_url: 'https://app.example.com/hooks/answers' },
  },
  'what follows a task': {
    ...{ to: { user: '42' }, type: 'user_file', message: 'Your export', task_id: ids.task },
    data: { file_url: '/exports/1002.csv' },
  },
  'for tomorrow': {
    ...{ to: { everyone: true }, title: 'Maintenance tonight', deliver_at: inDays(30) },
    collapse_key: 'maintenance',
  },
  'to a role': {
    ...{ to: { role: 'finance' }, title: 'The ledger closes at six', message: 'Submit before 18:00' },
    ...{ notification_type: 'warning', expires_at: inDays(60) },
  },
  "an event of the application's own": {
    ...{ to: { users: ['42', '43'] }, type: 'invoice_paid', data: { invoice_id: 'inv-9', amount: 1250 } },
  },
} satisfies Record<string, NotifyInput>;

export const batch: NotifyInput[] = [
  { to: { user: '42' }, type: 'user_message', message: 'Line 1 was posted' },
  { to: { user: '43' }, type: 'user_message', message: 'Line 2 was posted' },
];

export const stored: NotifyResult = { id: ids.notification, rev: 4711 };
export const storedBefore: NotifyResult = { ...stored, duplicate: true };
export const batchResult: BatchResult = { results: [stored, { id: ids.another, rev: 4712 }] };
export const eachResult: BatchResult = {
  results: [
    stored,
    {
      error: {
        ...{ code: 'bad_request', message: 'title must be string; got 7' },
        docs_url: 'https://tidings.dev/errors/bad_request',
      },
    },
  ],
};

export const edits = {
  'new words': { title: 'Budget transfer 1002', message: 'Posted to the ledger of February' },
  'a later end': { expires_at: inDays(90) },
} satisfies Record<string, NotificationEdit>;

export const live: NotificationView = {
  ...{ id: ids.notification, rev: 4711, status: 'live', to: { user: '42' }, external_id: null, task_id: null },
  ...{ created_at: '2026-01-31T09:30:07.000Z', deliver_at: null, answer: null },
  frame: asListed(frameExamples.user_notification),
};
export const answered: NotificationView = {
  ...{ ...live, rev: 4720, status: 'answered', external_id: 'approval-7' },
  answer: {
    ...{ action_id: 'approve', label: 'Approve', style: 'primary', user_id: '42', username: 'amadmin' },
    ...{ answered_at: '2026-01-31T09:34:00.000Z' },
    comment: 'Within the budget',
  },
};
export const answerResult: AnswerResult = { id: ids.notification, answer: answered.answer as Answer };
const answerData: AnswerCallback['data'] = {
  ...{ id: ids.notification, external_id: 'approval-7', task_id: null },
  ...answerResult.answer,
};
export const answerPage: AnswerPage = { items: [{ ...answerData, rev: 4721 }], next_after: 4721 };
export const answerCallback: AnswerCallback = {
  ...{ type: 'notification.answered', timestamp: '2026-01-31T09:34:00.000Z', data: answerData },
};
export const scheduledPage: ScheduledPage = {
  items: [{ ...live, id: ids.another, status: 'scheduled', deliver_at: '2026-02-01T07:00:00.000Z' }],
  next_before: null,
};

export const taskStart: TaskStart = {
  ...{ task_id: ids.task, name: 'Budget transfer 1002', owner: '42', total_steps: 5 },
};
export const taskReports = {
  'a step': {
    ...{ status: 'processing', step: 'Journal Import', step_number: 4, total_steps: 5, progress: 60 },
    message: 'Importing 214 lines',
  },
  'the end': { status: 'completed', message: 'Posted', result: { journal: 'JE-1002' } },
  'a failure': { status: 'failed', error: 'Line 17: account 4711 is closed' },
} satisfies Record<string, TaskReport>;

export const task: Task = {
  ...{ task_id: ids.task, rev: 4715, name: 'Budget transfer 1002', owner: '42', followers: [], status: 'processing' },
  ...{ message: 'Importing 214 lines', progress: 60, step: 'Journal Import', step_number: 4, total_steps: 5 },
  ...{ attempt: 1, result: null, error: null, data: {}, cancel_requested: false },
  ...{ created_at: '2026-01-31T09:30:00.000Z', started_at: '2026-01-31T09:30:00.412Z', ended_at: null },
  updated_at: '2026-01-31T09:30:07.093Z',
};
export const startedTask: Task = {
  ...{ ...task, rev: 4710, status: 'queued', message: '', progress: 0, step: null, step_number: 0 },
  ...{ run_at: null, started_at: null, updated_at: task.created_at },
};
export const cancelledTask: Task = { ...task, rev: 4716, cancel_requested: true };
export const retriedTask: Task = { ...startedTask, rev: 4722, attempt: 2 };
export const taskLogInputs = {
  'a line': { entries: [{ text: 'Reading june.csv', at: '2026-03-14T09:26:53Z' }] },
  'a warning, and output as it comes': {
    entries: [
      { text: 'Row 17 has no account', level: 'warn' },
      { text: '42% done, ', kind: 'chunk' },
      { text: '43% do', kind: 'chunk' },
    ],
    attempt: 1,
  },
} satisfies Record<string, TaskLogInput>;
export const taskLogPage: TaskLogPage = { items: frameExamples.task_log.entries, next_after: 2, has_more: false };
export const taskPage: TaskPage = { items: [task], next_before: null };

export const unreadCount: UnreadCount = { unread_count: 3, categories: { transfers: 2 }, as_of: 4711 };
export const marked: MarkResult = { marked: 1, not_found: [] };

export const inboxItem: InboxItem = {
  ...asListed(frameExamples.user_notification),
  receipt: {
    ...{ id: ids.notification, seen_at: '2026-01-31T09:31:02.000Z', read_at: null },
    ...{ archived_at: null, snoozed_until: null },
  },
};

export const inboxPage: InboxPage = {
  items: [inboxItem],
  next_before: 4711,
  ...unreadCount,
};

export const whoAmI: WhoAmI = { user_id: '42', username: 'amadmin', roles: ['finance'] };

export const connectedUsers: ConnectedUsers = { users: [{ user_id: '42', username: 'amadmin', connections: 2 }] };
export const session: UserConnections['connections'][number] = {
  ...{ session_id: ids.session, path: '/ws/', address: '203.0.113.7', user_agent: 'Mozilla/5.0' },
  ...{ connected_at: '2026-01-31T08:58:11.000Z', round_trip_ms: 23.4 },
};
export const userRoles: UserRoles = { user_id: '42', roles: ['finance', 'auditors'] };
export const userConnections: UserConnections = {
  ...{ user_id: '42', username: 'amadmin', connected: true },
  connections: [session],
};
export const userInbox: UserInbox = { user_id: '42', username: 'amadmin', ...inboxPage };

const { type: _frame, ...health } = frameExamples.system_health;
export const systemHealth: SystemHealth = health;
const roomEvent = frameExamples.room_event;
export const sentRoomEvent: SentRoomEvent = { id: ids.event, rev: 4720 };
export const roomEventPage: RoomEventPage = {
  items: [{ ...asListed(roomEvent), id: ids.event, rev: 4720 }],
  next_before: null,
};
export const roomState: RoomState = {
  items: [
    {
      ...{ room: 'project:12', key: 'phase', value: 'review', from: { user_id: '43', username: 'jdoe' } },
      ...{ rev: 4721, timestamp: '2026-01-31T09:31:00.000Z' },
    },
  ],
};
export const roomPresence: RoomPresence = {
  items: [{ user_id: '43', username: 'jdoe', sessions: { [ids.session]: { cursor: 17 } } }],
};
export const roomMembership: RoomMembership = { room: 'project:12', user_id: '42', access: 'rw' };
export const roomMemberPage: RoomMemberPage = {
  items: [{ user_id: '42', username: 'amadmin', access: 'rw' }],
  next_after: null,
};

export const documentVersion: DocumentVersion = {
  ...{ id: 'v0nb8k2m0q1f3h5j7l9n1p3r5t', kind: 'named', name: 'As sent to the customer' },
  ...{ timestamp: '2026-01-31T09:31:00.000Z', from: { user_id: '43', username: 'jdoe' }, bytes: 20_480 },
};
const versionBefore: DocumentVersion = {
  ...{ ...documentVersion, id: 'v0nb8k9s0q1f3h5j7l9n1p3r5t', kind: 'before_restore' },
  ...{ name: 'Before restore of As sent to the customer', timestamp: '2026-01-31T09:40:00.000Z' },
};
export const documentVersionPage: DocumentVersionPage = { items: [versionBefore, documentVersion], next_before: null };
export const documentVersionContent: DocumentVersionContent = {
  ...documentVersion,
  content: {
    meta: { checked: true },
    prosemirror: [
      {
        ...{ element: 'paragraph', attributes: {} },
        children: [{ text: 'Dear Ann', delta: [{ insert: 'Dear ' }, { insert: 'Ann', attributes: { bold: {} } }] }],
      },
    ],
  },
};
export const documentPage: DocumentPage = {
  items: [{ room: 'collaboration:notes-12', versions: 2 }],
  next_after: null,
};
export const documentRestored: DocumentRestored = { changed: true, saved: versionBefore };

export const healthy: Health = {
  ...{ status: 'ok', reasons: [] },
  ...{ database: { ok: true, head: 4715, term: ids.term }, connections: 128 },
};
export const unhealthy: Health = {
  ...{ status: 'down', reasons: ['the last commit failed: no space is left on the disk'] },
  ...{ database: { ok: false, head: 4715, term: ids.term }, connections: 128 },
};
