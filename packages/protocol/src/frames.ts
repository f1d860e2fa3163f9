import type { DocumentEvents } from './document-events.ts';
import type { FrameName, FrameOf } from './schemas/frames.ts';
import type { Receipt } from './wire/inbox.ts';

/**
 * The application's own events, `type` to the shape of `data`. Declare them once for sender and client:
 *
 * ```ts
 * declare module '@tidings/protocol' {
 *   interface TidingsEvents { invoice_paid: { invoice_id: string; amount: number } }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be merged into by applications
export interface TidingsEvents {}

/**
 * The events of rooms, by their names, to the shape of `data`: those of shared documents, which the server sends, and the application's own.
 * Declare these once for sender and client:
 *
 * ```ts
 * declare module '@tidings/protocol' {
 *   interface TidingsRoomEvents { card_moved: { card: number; to: string } }
 * }
 * ```
 */
export interface TidingsRoomEvents extends DocumentEvents {}

/** The `data` of an event of this name: anything where it was not declared. */
export type RoomEventData<E extends string> = E extends keyof TidingsRoomEvents
  ? TidingsRoomEvents[E]
  : Record<string, unknown>;

/** The arguments behind the name of an event that is sent: its data, which may be left out if no member is required, and options. */
export type RoomEventArguments<E extends string, Options> =
  Record<string, never> extends RoomEventData<E>
    ? [data?: RoomEventData<E>, options?: Options]
    : [data: RoomEventData<E>, options?: Options];

type BuiltIn = { [N in FrameName]: FrameOf<N> };
type Custom = {
  [N in keyof TidingsEvents & string]: DurableFields & TidingsEvents[N] & { type: N; data: TidingsEvents[N] };
};

/** The fields of every durable frame. */
export interface DurableFields {
  /** The record; a later frame with this id replaces an earlier one. */
  id: string;
  /** Position of this change in the one sequence. */
  rev: number;
  /** ISO 8601, UTC. */
  timestamp: string;
  data: Record<string, unknown>;
  /** Sent again on connecting; never toasted. */
  replayed?: true;
  /** Part of a topic's current state. */
  snapshot?: true;
  /** The cursor to resume from; on live frames only. */
  cursor?: string;
  /** Stored and delivered, but never counted as unread and never toasted. */
  silent?: true;
  /** The marks of this user, on a frame that is sent again. */
  receipt?: Receipt;
}

/** Every known frame by its type. */
export type FrameMap = BuiltIn & Custom;
export type FrameType = keyof FrameMap & string;

/** A frame the server sends, discriminated by `type`. */
export type ServerFrame = FrameMap[FrameType];

/** A frame of a type that this program does not know. */
export interface UnknownFrame {
  type: string;
  [field: string]: unknown;
}

/** Reads one frame of the server; null if the text is not a JSON object with a `type`. Never throws. */
export function parseFrame(text: string): ServerFrame | null {
  try {
    const value = JSON.parse(text) as { type?: unknown } | null;
    return typeof value?.type === 'string' ? (value as ServerFrame) : null;
  } catch {
    return null;
  }
}

/** True for a frame that is a change of a record: it has an id, and a rev in the one sequence. A reply may name those of a record. */
export function isDurable(frame: { type: string }): frame is { type: string } & DurableFields {
  const { id, rev } = frame as Partial<DurableFields>;
  return typeof id === 'string' && typeof rev === 'number' && frame.type !== 'reply';
}
