import {
  AllMarked,
  AnswerResult,
  actionSchemas,
  InboxItem,
  InboxPage,
  inboxFilter,
  MarkResult,
  UnreadCount,
} from '@tidings/protocol/schemas';
import Type from 'typebox';
import { answerNotification } from '../../commands/answers.ts';
import type { CommandContext } from '../../commands/context.ts';
import { countUnread, listInbox, markAllRead, markInbox, readInboxItem, snoozeInbox } from '../../commands/inbox.ts';
import * as examples from './documents/examples/answers.ts';
import { ids, inDays } from './documents/examples/names.ts';
import { answer, body, optionalBody } from './endpoint.ts';
import { idOf } from './parameters.ts';
import type { Routes } from './routes.ts';

const group = 'Inbox';
const who = 'user';
const closed = { additionalProperties: false };
const not_found = `there is no notification "${ids.another}", or it is not yours`;

/** A user's inbox over HTTP, for clients without a socket. */
export function inboxRoutes(routes: Routes, context: CommandContext): void {
  routes.add({
    call: 'GET /api/v1/inbox',
    ...{ id: 'listInbox', group, summary: 'Read the inbox, newest first', who },
    description:
      'All filters must hold. A filtered page may be short, even empty, with more to come: go on while `next_before` is there.',
    query: Type.Object(inboxFilter),
    answers: { 200: answer(InboxPage, 'A page', { page: examples.inboxPage }) },
    store: 'reads',
    handle: async ({ caller, query }) => (await listInbox(context, caller, query)) as InboxPage,
  });
  routes.add({
    call: 'GET /api/v1/inbox/unread_count',
    ...{ id: 'readUnreadCount', group, summary: 'Read the unread count', who },
    answers: { 200: answer(UnreadCount, 'The count', { count: examples.unreadCount }) },
    store: 'reads',
    handle: ({ caller }) => countUnread(context, caller),
  });
  routes.add({
    call: 'GET /api/v1/inbox/items/{id}',
    ...{ id: 'readInboxItem', group, summary: 'Read one notification', who },
    description:
      'The whole of what a client that takes small frames only was sent truncated; archived and snoozed ones too.',
    params: idOf('The notification', ids.notification, 'notification_id'),
    answers: { 200: answer(InboxItem, 'As it was sent', { item: examples.inboxItem }) },
    errors: { not_found },
    store: 'reads',
    handle: async ({ caller, params }) => (await readInboxItem(context, caller, params.id)) as InboxItem,
  });
  markRoutes(routes, context);
  answerRoute(routes, context);
  routes.add({
    call: 'POST /api/v1/inbox/read_all',
    ...{ id: 'markAllRead', group, summary: 'Mark everything as read, or everything up to a rev', who },
    body: optionalBody(Type.Object({ up_to: actionSchemas.mark_all_read.properties.up_to }, closed), {
      everything: {},
      'up to a rev': { up_to: 4711 },
    }),
    answers: { 200: answer(AllMarked, 'Marked, on every device', { marked: { marked: true } }) },
    store: 'writes',
    handle: async ({ caller, body }) => markAllRead(context, caller, body.up_to ?? (await context.store.head()).head),
  });
}

/** A person's answer to a notification that has buttons. */
function answerRoute(routes: Routes, context: CommandContext): void {
  const { action: _action, ref: _ref, ...chosen } = actionSchemas.answer.properties;
  routes.add({
    call: 'POST /api/v1/inbox/answer',
    ...{ id: 'answer', group, summary: 'Press a button of a notification', who },
    description: 'The first answer counts, whoever gives it and on whatever device; the sender receives it.',
    body: body(Type.Object(chosen, closed), {
      'with a comment': { id: ids.notification, action_id: 'approve', comment: 'Within the budget' },
    }),
    answers: { 200: answer(AnswerResult, 'Answered', { answered: examples.answerResult }) },
    errors: { not_found, conflict: 'mreyes answered "reject" at 2026-01-31T09:33:00.000Z already' },
    store: 'writes',
    handle: ({ caller, body }) => answerNotification(context, caller, body),
  });
}

const { id, ids: many, until } = actionSchemas.snooze.properties;
const Named = Type.Object({ id, ids: many }, closed);
const named = { ids: [ids.notification] };

/** The marks that name notifications, each with its path, its operation id and what it does. */
const marks = [
  ['seen', 'seen', 'markSeen', 'Say that notifications were on the screen'],
  ['read', 'read', 'markRead', 'Mark notifications as read'],
  ['unread', 'unread', 'markUnread', 'Mark notifications as unread again'],
  ['archive', 'archive', 'archive', 'Take notifications off the list and the count'],
  ['unarchive', 'unarchive', 'unarchive', 'Put archived notifications back as they were'],
  ['unsnooze', 'unsnooze', 'unsnooze', 'Bring snoozed notifications back now'],
] as const;

function markRoutes(routes: Routes, context: CommandContext): void {
  const common = {
    ...({ group, who, store: 'writes' } as const),
    answers: { 200: answer(MarkResult, 'Marked, on every device', { marked: examples.marked }) },
    errors: { not_found },
  } as const;
  for (const [path, mark, id, summary] of marks) {
    routes.add({
      call: `POST /api/v1/inbox/${path}`,
      ...{ id, summary, ...common },
      body: body(Named, { ids: named }),
      handle: ({ caller, body }) => markInbox(context, caller, mark, body),
    });
  }
  routes.add({
    call: 'POST /api/v1/inbox/snooze',
    ...{ id: 'snooze', summary: 'Hide notifications until a time, when they come back on top and unread', ...common },
    body: body(Type.Object({ ...Named.properties, until }, closed), {
      'until a morning': { ...named, until: inDays(30) },
    }),
    handle: ({ caller, body }) => snoozeInbox(context, caller, body),
  });
}
