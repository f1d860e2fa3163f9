import type { Change } from '../domain/ports.ts';
import { encodeText, type Message, tagSpace } from './message.ts';
import { truncated } from './truncated.ts';

/** What is added to a frame that is sent again, as JSON members. */
export const replayedMark = '"replayed":true';
export const snapshotMark = '"snapshot":true';

/** A record's frame as text: its body, with marks, its rev, and the rev at which it last asked for attention, where that is another. */
export function frameText(change: Pick<Change, 'body' | 'rev' | 'alertRev'>, marks: readonly string[] = []): string {
  const { body, rev, alertRev } = change;
  const extra = marks.map((mark) => `${mark},`).join('');
  const asked = alertRev === 0 || alertRev === rev ? '' : `"alert_rev":${alertRev},`;
  return `${body.slice(0, -1)},${extra}${asked}"rev":${rev}}`;
}

/** Tells those who could see a record that it is not for them any more, and nothing else of it. */
export function retractionText(change: Pick<Change, 'id' | 'rev' | 'body'>, marks: readonly string[] = []): string {
  const { timestamp } = JSON.parse(change.body) as { timestamp: string };
  const body = JSON.stringify({ type: 'retracted', id: change.id, timestamp, data: {} });
  return frameText({ body, rev: change.rev, alertRev: 0 }, marks);
}

/** A change with no more left of its frame than a client that takes no more needs. */
export const truncatedChange = <C extends Pick<Change, 'kind' | 'body'>>(change: C): C => ({
  ...change,
  body: JSON.stringify(truncated(change.kind, JSON.parse(change.body))),
});

/** The id under which a later frame takes the place of this one; receipts tell only what changed, so each of them counts. */
export const supersededBy = (change: Pick<Change, 'id' | 'kind'>): string | null =>
  change.kind === 'receipts' || change.kind === 'audience' ? null : change.id;

/**
 * One change on its way to everybody who hears it: encoded once, at its first reader, and shared from then on. Its cursor names the
 * term that the change belongs to; only the user's tag in it is filled in for each session.
 */
export class SharedFrame {
  readonly change: Change;
  readonly since: 'leaving' | 'former';
  readonly #term: string;
  #message: Message | undefined;
  #truncated: Message | undefined;
  #retraction: Message | undefined;

  /** @param since whether it is told as it happens, or after what may have been several changes */
  constructor(change: Change, term: string, since: 'leaving' | 'former') {
    this.change = change;
    this.#term = term;
    this.since = since;
  }

  get message(): Message {
    this.#message ??= this.#encode(frameText(this.change));
    return this.#message;
  }

  /** The whole of it, or what is left of it where that has more than so many bytes. */
  within(bytes: number): Message {
    if (this.message.bytes.length <= bytes) return this.message;
    this.#truncated ??= this.#encode(frameText(truncatedChange(this.change)));
    return this.#truncated;
  }

  /** The same for those who saw an earlier version and may not see this one. */
  get retraction(): Message {
    this.#retraction ??= this.#encode(retractionText(this.change));
    return this.#retraction;
  }

  #encode(text: string): Message {
    const withCursor = `${text.slice(0, -1)},"cursor":"${this.#term}:${this.change.rev}:${tagSpace}"}`;
    return { id: supersededBy(this.change), bytes: encodeText(withCursor), hasCursor: true };
  }
}
