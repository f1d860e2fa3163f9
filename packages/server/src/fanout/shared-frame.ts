import type { Position } from '../domain/store/history.ts';
import type { Change } from '../domain/writes.ts';
import { type EncodedFrame, type Encoding, Frame } from './frame.ts';
import { frameText, retractionText, supersededBy, truncatedChange } from './record-text.ts';

/**
 * One change on its way to all its recipients: each of its frames is made at its first reader, and shared from then on. Its cursor names
 * the term that the change belongs to; only the user's tag in it is filled in for each session.
 */
export class SharedFrame {
  readonly change: Change;
  readonly retractedFor: 'leaving' | 'former';
  /** The position that its cursor names. */
  readonly at: Position;
  #whole: Frame | null = null;
  #truncated: Frame | null = null;
  #retraction: Frame | null = null;

  /** @param retractedFor `leaving` if the change is released as it happens, `former` after what may have been several changes */
  constructor(change: Change, term: string, retractedFor: 'leaving' | 'former') {
    this.change = change;
    this.at = { term, rev: change.rev };
    this.retractedFor = retractedFor;
  }

  get whole(): Frame {
    this.#whole ??= this.#frame(frameText(this.change));
    return this.#whole;
  }

  /** The whole of it, or what is left of it where that has more than so many bytes. */
  within(atMost: number, encoding: Encoding): EncodedFrame {
    const whole = this.whole.encodedBy(encoding);
    if (whole.bytes.length <= atMost) return whole;
    this.#truncated ??= this.#frame(frameText(truncatedChange(this.change)));
    return this.#truncated.encodedBy(encoding);
  }

  /** The frame for those who saw an earlier version and may not see this one. */
  retraction(encoding: Encoding): EncodedFrame {
    this.#retraction ??= this.#frame(retractionText(this.change));
    return this.#retraction.encodedBy(encoding);
  }

  #frame(text: string): Frame {
    return new Frame(text, { origin: 'live', id: supersededBy(this.change), at: this.at });
  }
}
