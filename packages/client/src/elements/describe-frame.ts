import type { LinkedTask, NotificationType } from '@tidings/protocol';
import { plainName, safeHref } from './links.ts';

/** A frame as a toast or a line of the list shows it. Either of `title` and `message` may be empty. */
export interface Description {
  tone: NotificationType;
  icon: NotificationType | 'file';
  title: string;
  message: string;
  link: FrameLink | null;
}

/** A file, which opens in a tab of its own, or a place in the application, which opens in this one. */
export type FrameLink =
  | { href: string; action: 'download'; target: '_blank' }
  | { href: string; action: 'open'; target: '_self' };

type Frame = { type: string; task?: LinkedTask | null; actions?: readonly unknown[]; answer?: unknown };

/** A member of a frame, where it is text; frames of the application's own types may hold anything. */
export const textOf = (frame: object, member: string): string => {
  const value = (frame as Record<string, unknown>)[member];
  return typeof value === 'string' ? value : '';
};

function toneOf(frame: Frame): NotificationType {
  const status = taskOf(frame)?.status;
  if (status === 'failed') return 'error';
  if (status === 'completed') return 'success';
  const named = textOf(frame, 'notification_type');
  if (named === 'success' || named === 'error' || named === 'warning') return named;
  if (/_(failed|error)$/.test(frame.type)) return 'error';
  return /_completed?$/.test(frame.type) ? 'success' : 'info';
}

/**
 * The task that the recipient of a frame may follow and control. A frame that asks for a decision has none: the task that waits for it
 * is mostly somebody else's to cancel, to retry and to download from.
 */
export const taskOf = ({ task, actions, answer }: Frame): LinkedTask | null | undefined =>
  actions || answer ? null : task;

/** True if a task goes on. */
export const isRunning = (task: LinkedTask | null | undefined): boolean =>
  !!task && /^(queued|processing|waiting)$/.test(task.status);

/** The link of a frame: its file, else the `url` of its data. */
export function linkOf(frame: object): FrameLink | null {
  const file = safeHref(textOf(frame, 'file_url') || textOf(frame, 'result_path'));
  if (file) return { href: file, action: 'download', target: '_blank' };
  const page = safeHref((frame as { data?: { url?: unknown } }).data?.url);
  return page ? { href: page, action: 'open', target: '_self' } : null;
}

/** `invoice_paid` as `Invoice paid`, for types that bring no text of their own. */
export const spoken = (type: string) => (type.charAt(0).toUpperCase() + type.slice(1)).replace(/[_.:-]+/g, ' ');

/** The description of a frame of any type, for display. */
export function describeFrame(frame: Frame): Description {
  const tone = toneOf(frame);
  const task = taskOf(frame) ?? {};
  const error = textOf(frame, 'error') || textOf(task, 'error');
  const message = error || textOf(task, 'message') || textOf(frame, 'message');
  const named = ['file_name', 'title', 'step', 'name'].map((member) => textOf(frame, member)).find(Boolean);
  const title = plainName(named ?? (error && textOf(frame, 'message')));
  return {
    tone,
    icon: frame.type === 'user_file' ? 'file' : tone,
    title: title || (message ? '' : spoken(frame.type)),
    message: message === title ? '' : message,
    link: linkOf(frame),
  };
}
