import { cursorTagLength } from '@tidings/protocol';
import type { Encoding } from '../../fanout/frame.ts';

/** Bytes behind the tag where a frame ends with its cursor: `"`, `}` and two newlines. */
const afterTag = 4;
const none: readonly number[] = [];

/**
 * Server-Sent Events, a message each. The id is the cursor that the client holds once it has read the event, so that `Last-Event-ID` is the
 * cursor to resume from: some clients forget an id that an event does not repeat, and some pass over an id without data.
 */
export const eventStreamEncoding: Encoding = {
  repeatsCursor: true,
  encode({ text, cursor, heldCursor }) {
    const id = cursor ?? heldCursor;
    const front = `id:${id === null ? '' : ` ${id}`}\ndata: `;
    const bytes = Buffer.from(`${front}${text}\n\n`);
    if (cursor === null) return { bytes, tags: none };
    return {
      bytes,
      tags: ['id: '.length + cursor.length - cursorTagLength, bytes.length - afterTag - cursorTagLength],
    };
  },
};

/** The last event of a stream that the server ends: no frame, and without an id, so that the client keeps its own. */
export const closedEvent = (code: number, reason: string, retryMs: number): string =>
  `${retryField(retryMs)}event: closed\ndata: ${JSON.stringify({ code, reason })}\n\n`;

/** Says after how many ms a browser reconnects. */
export const retryField = (ms: number): string => `retry: ${Math.round(ms)}\n`;
