import type { ServerFrame } from '@tidings/protocol';
import { expect, it } from 'vitest';
import { frameLine } from './frame-line.ts';

const plain = (_style: unknown, text: string) => text;
const durable = { id: 'n1', rev: 1, timestamp: '2026-03-02T10:00:00.000Z', data: {} };
/** The line without its time, which is told in the zone of who reads it. */
const lineOf = (frame: object) => frameLine({ ...durable, ...frame } as unknown as ServerFrame, plain).slice(10);

it.each([
  [{ type: 'user_message', message: 'Hello' }, 'user_message             Hello'],
  [
    { type: 'user_notification', notification_type: 'success', title: 'Paid', message: 'Invoice 7' },
    'user_notification        Paid  Invoice 7',
  ],
  [{ type: 'invoice_paid', data: { invoice: 7 } }, 'invoice_paid             {"invoice":7}'],
  [
    {
      type: 'oracle_upload_progress',
      transaction_id: 't1',
      step: 'AutoPost',
      step_number: 5,
      total_steps: 5,
      message: 'Last',
    },
    'oracle_upload_progress   t1  ████████████████ 100 %  AutoPost 5/5  Last',
  ],
  [
    {
      type: 'task_error',
      task_id: 't1',
      progress: 50,
      status: 'failed',
      error: 'No such file',
      message: 'No such file',
    },
    'task_error               t1  ████████░░░░░░░░  50 %  No such file',
  ],
  [
    { type: 'unread_count', unread_count: 3, categories: { orders: 2 } },
    'unread_count             3 unread (orders 2)',
  ],
  [{ type: 'ping', cursor: 'term:8' }, 'ping                     term:8'],
  [{ type: 'retracted' }, 'retracted                n1'],
  [
    { type: 'room_event', room: 'project:12', event: 'approved', from: { username: 'ann' }, data: { id: 7 } },
    'room_event               project:12  approved  ann  {"id":7}',
  ],
  [
    { type: 'ephemeral_event', room: 'project:12', event: 'refreshed', from: null, data: {} },
    'ephemeral_event          project:12  refreshed',
  ],
  [{ type: 'topic_left', topic: 'role:admin', unread_count: 0 }, 'topic_left               role:admin  0 unread'],
  [
    { type: 'user_message', message: 'Transfer 7', actions: [{ id: 'approve', label: 'Approve' }] },
    'user_message             Transfer 7  [Approve: approve]',
  ],
  [
    {
      ...{ type: 'user_message', message: 'Transfer 7', actions: [{ id: 'approve', label: 'Approve' }] },
      ...{ answer: { action_id: 'approve', label: 'Approve', username: 'amadmin', comment: 'Fine' }, expired: true },
    },
    'user_message             Transfer 7  amadmin answered Approve  Fine  (expired)',
  ],
  [
    {
      ...{ type: 'user_notification', title: 'Upload', message: '', updated_at: durable.timestamp },
      task: { task_id: 't1', status: 'waiting', progress: 50, message: 'Needs you' },
    },
    'user_notification        Upload  t1  ████████░░░░░░░░  50 %  waiting  Needs you  (changed)',
  ],
])('%j is one line', (frame, line) => {
  expect(lineOf(frame)).toBe(line);
});

it('tells when a notification came to be as it is', () => {
  const timeOf = (over: object) =>
    frameLine({ ...durable, type: 'user_message', message: 'Hi', ...over } as unknown as ServerFrame, plain).slice(
      0,
      8,
    );
  const clock = (iso: string) => new Date(iso).toTimeString().slice(0, 8);
  const [changed, answered] = ['2026-03-02T10:00:01.000Z', '2026-03-02T10:00:02.000Z'];
  expect(timeOf({})).toBe(clock(durable.timestamp));
  expect(timeOf({ updated_at: changed })).toBe(clock(changed));
  expect(timeOf({ updated_at: changed, answer: { label: 'Yes', answered_at: answered } })).toBe(clock(answered));
});

it('lets no text from elsewhere reach the terminal as a command, nor break the line', () => {
  expect(lineOf({ type: 'user_message', message: 'a\u001b[2Jb\r\nc\u0007' })).toBe('user_message             a [2Jb c');
});
