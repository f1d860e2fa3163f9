import type { ActionName, ClientActionOf } from '@tidings/protocol';
import type { ReplyOf } from '@tidings/protocol/schemas';
import { answerResult, inboxPage, marked as markResult, roomEventPage, unreadCount } from './answers.ts';
import { ids, inDays } from './names.ts';

/** An action: what it does, an example, and the reply to it. */
export interface ActionExample<N extends ActionName> {
  group: 'Following' | 'Inbox' | 'Tasks' | 'Rooms' | 'Connection';
  summary: string;
  action: ClientActionOf<N>;
  reply: ReplyOf<N>;
}

const ref = 1;
const done = { type: 'reply', ref } as const;
const marked = { ...done, ...markResult };
const named = { ids: [ids.notification], ref };

export const actionExamples: { [N in ActionName]: ActionExample<N> } = {
  subscribe: {
    group: 'Following',
    summary: 'Follow a task: what there is of it comes at once, then every change',
    action: { action: 'subscribe', task_id: ids.task, ref },
    reply: done,
  },
  unsubscribe: {
    group: 'Following',
    summary: 'Follow a task no more',
    action: { action: 'unsubscribe', task_id: ids.task, ref },
    reply: done,
  },
  mark_seen: {
    group: 'Inbox',
    summary: 'Say that notifications were on the screen',
    action: { action: 'mark_seen', ...named },
    reply: marked,
  },
  mark_read: {
    group: 'Inbox',
    summary: 'Mark notifications as read',
    action: { action: 'mark_read', ...named },
    reply: marked,
  },
  mark_unread: {
    group: 'Inbox',
    summary: 'Mark notifications as unread again',
    action: { action: 'mark_unread', ...named },
    reply: marked,
  },
  mark_all_read: {
    group: 'Inbox',
    summary: 'Mark everything up to a rev as read; without one, everything this connection was sent',
    action: { action: 'mark_all_read', up_to: 4711, ref },
    reply: { ...done, marked: true },
  },
  archive: {
    group: 'Inbox',
    summary: 'Take notifications off the list and the count',
    action: { action: 'archive', ...named },
    reply: marked,
  },
  unarchive: {
    group: 'Inbox',
    summary: 'Put archived notifications back as they were',
    action: { action: 'unarchive', ...named },
    reply: marked,
  },
  snooze: {
    group: 'Inbox',
    summary: 'Hide notifications until a time, when they come back on top and unread',
    action: { action: 'snooze', ...named, until: inDays(30) },
    reply: marked,
  },
  unsnooze: {
    group: 'Inbox',
    summary: 'Bring snoozed notifications back now',
    action: { action: 'unsnooze', ...named },
    reply: marked,
  },
  list: {
    group: 'Inbox',
    summary: 'Read a page of the inbox, newest first',
    action: { action: 'list', unread: true, limit: 20, ref },
    reply: { ...done, ...inboxPage },
  },
  unread_count: {
    group: 'Inbox',
    summary: 'Ask for the unread count',
    action: { action: 'unread_count', ref },
    reply: { ...done, ...unreadCount },
  },
  answer: {
    group: 'Inbox',
    summary: 'Press a button of a notification; the first answer counts',
    action: { action: 'answer', id: ids.notification, action_id: 'approve', comment: 'Within the budget', ref },
    reply: { ...done, ...answerResult },
  },
  ack: {
    group: 'Connection',
    summary: 'Say up to where everything was taken in',
    action: { action: 'ack', cursor: `${ids.term}:4711:${ids.cursorTag}`, ref },
    reply: done,
  },
  cancel_task: {
    group: 'Tasks',
    summary: 'Ask for a task of one’s own to be stopped',
    action: { action: 'cancel_task', task_id: ids.task, ref },
    reply: { ...done, task_id: ids.task, status: 'processing', cancel_requested: true },
  },
  retry_task: {
    group: 'Tasks',
    summary: 'Begin a failed or cancelled task of one’s own again',
    action: { action: 'retry_task', task_id: ids.task, ref },
    reply: { ...done, task_id: ids.task, status: 'queued', attempt: 2 },
  },
  answer_task: {
    group: 'Tasks',
    summary: 'Give a waiting task the decision it asks for',
    action: { action: 'answer_task', task_id: ids.task, answer: { approved: true }, ref },
    reply: { ...done, task_id: ids.task, status: 'processing' },
  },
  send: {
    group: 'Rooms',
    summary: 'Send an event to a room one may write to',
    action: { action: 'send', room: 'project:12', event: 'comment_added', data: { text: 'Looks right to me' }, ref },
    reply: { ...done, id: ids.event, rev: 4720 },
  },
  room_events: {
    group: 'Rooms',
    summary: 'Read what was sent to a room one may follow, newest first',
    action: { action: 'room_events', room: 'project:12', limit: 20, ref },
    reply: { ...done, ...roomEventPage },
  },
  set_state: {
    group: 'Rooms',
    summary: 'Set a key of the state of a room, if it is as expected',
    action: { action: 'set_state', room: 'project:12', key: 'phase', value: 'review', if_rev: 4702, ref },
    reply: { ...done, rev: 4721 },
  },
  remove_state: {
    group: 'Rooms',
    summary: 'Remove a key of the state of a room',
    action: { action: 'remove_state', room: 'project:12', key: 'phase', ref },
    reply: { ...done, removed: true },
  },
  presence: {
    group: 'Rooms',
    summary: 'Tell a room what one is doing',
    action: { action: 'presence', room: 'project:12', state: { cursor: 17 }, ref },
    reply: done,
  },
  authenticate: {
    group: 'Connection',
    summary: 'Bring a new token before the old one expires, or the first one after `?auth=frame`',
    action: { action: 'authenticate', token: 'eyJhbGciOiJIUzI1NiJ9…', ref },
    reply: { ...done, user_id: '42', roles: ['finance'] },
  },
  ping: { group: 'Connection', summary: 'Ask for a sign of life', action: { action: 'ping', ref }, reply: done },
};
