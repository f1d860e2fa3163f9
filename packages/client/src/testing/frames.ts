import type { FrameMap } from '@tidings/protocol';
import type { TaskFrame } from '../tasks.ts';

const timestamp = '2026-01-31T09:30:00.000Z';

/** The cursor that a live frame carries, and no other. */
const cursorOf = (rev: number, more: object): { cursor?: string } =>
  'replayed' in more || 'snapshot' in more ? {} : { cursor: `t:${rev}` };

export function message(id: string, rev: number, more: object = {}): FrameMap['user_message'] {
  const frame = { type: 'user_message', id, rev, timestamp, message: `${id} at ${rev}`, data: {} } as const;
  return { ...frame, ...cursorOf(rev, more), ...more };
}

export function taskFrame(task_id: string, rev: number, more: Partial<TaskFrame> = {}): TaskFrame {
  return {
    ...{ type: 'task_update', id: `task:${task_id}`, rev, timestamp, data: {}, task_id, status: 'processing' },
    ...{ message: '', progress: 0, step: null, step_number: 0, total_steps: 0, attempt: 1 },
    ...{ cancel_requested: false, started_at: null, ...cursorOf(rev, more) },
    ...more,
  } as TaskFrame;
}

export function receipts(rev: number, more: Partial<FrameMap['receipts']> = {}): FrameMap['receipts'] {
  const frame = { type: 'receipts', id: 'receipts:42', rev, timestamp, data: {} } as const;
  return { ...frame, items: [], read_upto: 0, ...counts(0, rev), ...cursorOf(rev, more), ...more };
}

/** Counts as of a rev. */
export function counts(
  unread_count: number,
  as_of: number,
  categories: Record<string, number> = {},
): Pick<FrameMap['unread_count'], 'unread_count' | 'as_of' | 'categories'> {
  return { unread_count, categories, as_of };
}

export function synced(rev: number, unread_count = 0, categories: Record<string, number> = {}): FrameMap['synced'] {
  return { type: 'synced', cursor: `t:${rev}`, ...counts(unread_count, rev, categories) };
}

export function receipt(id: string, read: boolean): FrameMap['receipts']['items'][number] {
  return { id, seen_at: timestamp, read_at: read ? timestamp : null, archived_at: null, snoozed_until: null };
}

export function retracted(id: string, rev: number): FrameMap['retracted'] {
  return { type: 'retracted', id, rev, timestamp, data: {}, cursor: `t:${rev}` };
}
