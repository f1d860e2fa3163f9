/** @typedef {Record<string, unknown>} Fields */

const plumbing = new Set([
  ...['connection_established', 'synced', 'ping', 'reply', 'subscribed', 'unsubscribed', 'receipts', 'topic_left'],
]);

/**
 * The colour a frame is shown in.
 * @param {Fields} frame
 */
export function toneOf({ type, notification_type }) {
  const name = String(type);
  if (['success', 'error', 'warning', 'info'].includes(String(notification_type))) return String(notification_type);
  if (name === 'error' || name === 'task_error' || name.endsWith('_failed')) return 'error';
  if (name === 'task_complete' || name.endsWith('_completed')) return 'success';
  if (name === 'task_cancelled') return 'warning';
  return plumbing.has(name) ? 'plumbing' : 'info';
}

/**
 * Describes a frame on one line.
 * @param {Fields} frame
 */
export function summaryOf(frame) {
  switch (frame.type) {
    case 'connection_established': {
      const roles = Array.isArray(frame.roles) && frame.roles.length > 0 ? `, roles ${frame.roles.join(', ')}` : '';
      const cursor = frame.cursor ? `, resumed at ${frame.cursor}` : '';
      return `as ${frame.username} (id ${frame.user_id})${roles}${cursor}`;
    }
    case 'synced':
      return `up to date at ${frame.cursor}, ${frame.unread_count} unread`;
    case 'receipts':
      return `${/** @type {unknown[]} */ (frame.items).length} marked`;
    case 'reply':
      return `to ${JSON.stringify(frame.ref)}`;
    default:
      return said(frame);
  }
}

/** @param {Fields} frame */
function said(frame) {
  const { task_id, transaction_id, status, progress, step, step_number, total_steps, title, file_name } = frame;
  const place = step_number ? `${step ?? 'step'} ${step_number}/${total_steps}` : '';
  const parts = [
    task_id ?? transaction_id,
    task_id ? status : '',
    progress === undefined ? '' : `${progress} %`,
    place,
    title,
    file_name,
    frame.error ?? frame.message,
  ];
  const text = parts.filter(Boolean).map(String).join(' · ');
  return text || JSON.stringify(frame.data ?? {});
}

/**
 * Describes an action of the client on one line.
 * @param {Fields} action
 */
export function actionOf({ action, ref: _ref, token, ...rest }) {
  const shown = token === undefined ? rest : { ...rest, token: '…' };
  return { type: String(action), text: Object.keys(shown).length > 0 ? JSON.stringify(shown) : '' };
}
