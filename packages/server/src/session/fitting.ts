import { docsUrl } from '@tidings/protocol';
import { truncated } from '../fanout/truncated.ts';

type Frame = Record<string, unknown>;

/** Bytes of a message beside its text. */
const header = 10;

const sizeOf = (frame: object): number => Buffer.byteLength(JSON.stringify(frame)) + header;

/** A frame of one session's own as it fits into so many bytes: a list with fewer items, or what is left of a frame that is too large. */
export function fitting(frame: Frame, atMost: number): Frame {
  if (Array.isArray(frame.items)) return shorterPage(frame, frame.items, atMost);
  const { categories: _many, roles: _all, ...few } = frame;
  if (frame.type === 'connection_established') return { ...few, roles: [], truncated: true, url: '/api/v1/whoami' };
  if (frame.type !== 'reply' && frame.type !== 'error') {
    return { ...few, categories: {}, truncated: true, url: '/api/v1/inbox/unread_count' };
  }
  const code = 'payload_too_large';
  const message = `the answer has more than the ${atMost} bytes of max_frame; ask for less at once`;
  const refusal = { type: 'error', ref: frame.ref, code, message, docs_url: docsUrl(code) };
  const { ref: _large, ...withoutRef } = refusal;
  return sizeOf(refusal) <= atMost ? refusal : withoutRef;
}

/** A page of the list with as many of its items as fit, and one at least; those that are too large for any page are truncated. */
function shorterPage(frame: Frame, all: readonly Frame[], atMost: number): Frame {
  const bare = { ...frame, items: [], next_before: Number.MAX_SAFE_INTEGER };
  // Categories by the hundred leave no room for what they count.
  const isCrowded = sizeOf(bare) > atMost / 2;
  const counts = isCrowded ? { categories: {}, truncated: true, url: '/api/v1/inbox/unread_count' } : {};
  const room = atMost - sizeOf({ ...bare, ...counts });
  const items: Frame[] = [];
  let used = 0;
  for (const whole of all) {
    const item =
      sizeOf(whole) <= room
        ? whole
        : truncated(whole.type === 'room_event' ? 'room_event' : 'notification', whole, Number(whole.rev));
    used += sizeOf(item);
    if (items.length > 0 && used > room) break;
    items.push(item);
  }
  const last = items.at(-1);
  const isCut = items.length < all.length;
  return { ...frame, ...counts, items, ...(isCut && last ? { next_before: last.alert_rev || last.rev } : {}) };
}
