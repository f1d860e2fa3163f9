const amount = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2 });
const whole = new Intl.NumberFormat('en-US');
const clock = new Intl.DateTimeFormat('en-US', { hour: 'numeric', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' });

/** @param {number} cents */
export const formatCents = (cents) => amount.format(cents / 100);

/** @param {number} count */
export const formatCount = (count) => whole.format(count);

/**
 * `3:42 PM` today, `Nov 18, 3:42 PM` before.
 *
 * @param {string} iso
 */
export function formatTime(iso) {
  const time = new Date(iso);
  const isToday = time.toDateString() === new Date().toDateString();
  return (isToday ? clock : day).format(time);
}

/**
 * @param {number} count
 * @param {string} one
 */
export const plural = (count, one) => `${formatCount(count)} ${one}${count === 1 ? '' : 's'}`;
