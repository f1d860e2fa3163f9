import Type from 'typebox';
import type * as notifications from '../wire/notifications.ts';

/** Limits that every schema shares. Lengths are in UTF-16 code units. */
export const limits = {
  id: 256,
  eventType: 64,
  title: 500,
  message: 10_000,
  url: 4_096,
  /** Recipients one notification may name. */
  recipients: 10_000,
  /** Items one batch may hold. */
  batch: 1_000,
  /** Ids one client action may name. */
  ids: 1_000,
  /** Buttons of one notification. */
  actions: 5,
  label: 80,
  comment: 1_000,
  search: 200,
  /** The reason for which sessions are ended. */
  reason: 100,
} as const;

/** The pattern of text without NUL and halves of surrogate pairs, which no database keeps. */
export const storable = '^[^\\u0000\\ud800-\\udfff]*$';

/** An id of the application's: a string, or a number, which is a string on the wire. */
export const Id = Type.Union([
  Type.String({ minLength: 1, maxLength: limits.id, pattern: storable }),
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
]);

export const IdString = Type.String({ minLength: 1, maxLength: limits.id, pattern: storable });

export const Role = Type.String({
  minLength: 1,
  maxLength: limits.id,
  pattern: storable,
  description: 'The name of a role, exactly as the token has it',
});

/** The form of the name of a session in rooms. */
export const sessionNameForm = { maxLength: 64, pattern: '^[A-Za-z0-9][A-Za-z0-9_-]*$' };

/** The name of a session in rooms, as its connections give it. */
export const SessionName = Type.String({
  minLength: 1,
  ...sessionNameForm,
  description: 'Letters, digits, _ and -, beginning with a letter or digit',
});

/** The name of an event, as `oracle_upload_started`. */
export const EventType = Type.String({
  minLength: 1,
  maxLength: limits.eventType,
  pattern: '^[A-Za-z][A-Za-z0-9_.:-]*$',
  description: 'Letters, digits, _ . : and -, beginning with a letter',
});

export const NotificationType = Type.Union(
  [Type.Literal('success'), Type.Literal('error'), Type.Literal('info'), Type.Literal('warning')],
  { description: 'The colour of a toast: success green, error red, warning orange, info blue' },
);

export const Data = Type.Record(Type.String(), Type.Unknown(), { description: 'Any JSON object' });

export const Title = Type.String({ maxLength: limits.title, pattern: storable });
export const Message = Type.String({ maxLength: limits.message, pattern: storable });
export const IdempotencyKey = Type.String({ minLength: 1, maxLength: 255, pattern: storable });
export const CollapseKey = Type.String({
  minLength: 1,
  maxLength: limits.id,
  pattern: storable,
  description: 'A newer notification with the same key and recipients takes the place of an unread older one',
});

/** An instant, ISO 8601 with a time zone. */
export const Timestamp = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})$',
  description: 'ISO 8601 with a time zone, as 2026-01-31T09:30:00Z',
});

/** A button on a notification. */
export const NotificationAction = Type.Object(
  {
    id: EventType,
    label: Type.String({ minLength: 1, maxLength: limits.label, pattern: storable }),
    style: Type.Optional(Type.Union([Type.Literal('primary'), Type.Literal('danger'), Type.Literal('default')])),
  },
  { additionalProperties: false, description: 'A button: what it is called, and the id that its answer brings back' },
);
export type NotificationAction = notifications.NotificationAction;

/** An empty list counts as absent: generated clients send one for what nobody set. */
export const NotificationActions = Type.Array(NotificationAction, { maxItems: limits.actions });

export const Comment = Type.String({ maxLength: limits.comment, pattern: storable });

/** Travels in a close frame, which has no room for more. */
export const Reason = Type.String({
  maxLength: limits.reason,
  pattern: storable,
  description: 'What those who are sent away are told',
});

export const Progress = Type.Number({ minimum: 0, maximum: 100, description: 'Per cent, 0 to 100' });
export const StepCount = Type.Integer({ minimum: 0, maximum: 1_000_000 });
