import { cursorTagLength } from '@tidings/protocol';
import type { Encoding } from '../../fanout/frame.ts';

const none: readonly number[] = [];

/**
 * Server-Sent Events, a message each. The id is the cursor that the client holds once it has read the event, so that `Last-Event-ID` is the
 * cursor to resume from: some clients forget an id that an event does not repeat, and some pass over an id without data. It comes behind the
 * data: some keep an id as soon as they have read its line, also where the event is cut before its end.
 */
export const eventStreamEncoding: Encoding = {
  repeatsCursor: true,
  encode({ text, cursor, heldCursor }) {
    const id = cursor ?? heldCursor;
    const end = `\nid:${id === null ? '' : ` ${id}`}\n\n`;
    const bytes = Buffer.from(`data: ${inOneLine(text)}${end}`);
    if (cursor === null) return { bytes, tags: none };
    const inFrame = bytes.length - end.length - '"}'.length - cursorTagLength;
    return { bytes, tags: [inFrame, bytes.length - '\n\n'.length - cursorTagLength] };
  },
};

const separators = /[\u0085\u2028\u2029]/g;

/** JSON without characters that are no ends of lines by the standard, but are to some clients, which lose what is behind them. */
const inOneLine = (json: string): string =>
  json.replace(separators, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The last event of a stream that the server ends: no frame, and without an id, so that the client keeps its own. */
export const closedEvent = (code: number, reason: string, retryMs: number): string =>
  `${retryField(retryMs)}event: closed\ndata: ${JSON.stringify({ code, reason })}\n\n`;

/** Says after how many ms a browser reconnects. */
export const retryField = (ms: number): string => `retry: ${Math.round(ms)}\n`;
