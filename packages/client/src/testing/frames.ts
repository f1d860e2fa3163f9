import type { FrameMap, ServerFrame } from '@tidings/protocol';
import type { TaskFrame } from '../tasks.ts';

const timestamp = '2026-01-31T09:30:00.000Z';

export function message(id: string, rev: number, more: object = {}): FrameMap['user_message'] {
  return { type: 'user_message', id, rev, timestamp, message: `${id} at ${rev}`, data: {}, ...more };
}

export function taskFrame(task_id: string, rev: number, more: Partial<TaskFrame> = {}): TaskFrame {
  return {
    ...{ type: 'task_update', id: `task:${task_id}`, rev, timestamp, data: {}, task_id, status: 'processing' },
    ...{ message: '', progress: 0, step: null, step_number: 0, total_steps: 0, attempt: 1 },
    ...{ cancel_requested: false, started_at: null },
    ...more,
  } as TaskFrame;
}

export function receipts(rev: number, more: Partial<FrameMap['receipts']> = {}): ServerFrame {
  return { type: 'receipts', id: 'receipts:42', rev, timestamp, data: {}, items: [], read_upto: 0, ...more };
}

export function receipt(id: string, read: boolean): FrameMap['receipts']['items'][number] {
  return { id, seen_at: timestamp, read_at: read ? timestamp : null, archived_at: null, snoozed_until: null };
}

export function retracted(id: string, rev: number): ServerFrame {
  return { type: 'retracted', id, rev, timestamp, data: {} };
}
