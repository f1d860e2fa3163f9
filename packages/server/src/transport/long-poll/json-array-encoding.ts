import { cursorTagLength } from '@tidings/protocol';
import type { Encoding } from '../../fanout/frame.ts';

/** Bytes behind the tag where a frame ends with its cursor: `"` and `}`. */
const afterTag = 2;
const none: readonly number[] = [];

/** Items of a JSON array, each behind a comma: whoever writes the array puts a bracket in the place of the first. */
export const jsonArrayEncoding: Encoding = {
  repeatsCursor: false,
  encode({ text, cursor }) {
    const bytes = Buffer.from(`,${text}`);
    return { bytes, tags: cursor === null ? none : [bytes.length - afterTag - cursorTagLength] };
  },
};
