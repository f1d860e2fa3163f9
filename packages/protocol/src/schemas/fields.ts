import Type from 'typebox';

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
} as const;

/** An id of the application's: a string, or a number, which is a string on the wire. */
export const Id = Type.Union([
  Type.String({ minLength: 1, maxLength: limits.id }),
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
]);

export const IdString = Type.String({ minLength: 1, maxLength: limits.id });

export const Role = Type.String({
  minLength: 1,
  maxLength: limits.id,
  pattern: '^[^\\s\\u0000-\\u001f]+$',
  description: 'A role name without white space',
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

export const Title = Type.String({ maxLength: limits.title });
export const Message = Type.String({ maxLength: limits.message });
export const IdempotencyKey = Type.String({ minLength: 1, maxLength: 255 });

/** An instant, ISO 8601 with a time zone. */
export const Timestamp = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})$',
  description: 'ISO 8601 with a time zone, as 2026-01-31T09:30:00Z',
});

export const Progress = Type.Number({ minimum: 0, maximum: 100, description: 'Per cent, 0 to 100' });
export const StepCount = Type.Integer({ minimum: 0, maximum: 1_000_000 });
