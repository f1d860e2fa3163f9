import { TidingsError } from '@tidings/protocol';
import {
  AnswerPage,
  BatchResult,
  limits,
  NotificationEdit,
  NotificationView,
  NotifyInput,
  NotifyResult,
  ScheduledPage,
} from '@tidings/protocol/schemas';
import Type, { type TObject, type TSchema } from 'typebox';
import { answersSince, waitForAnswer } from '../../commands/answers.ts';
import type { CommandContext } from '../../commands/context.ts';
import {
  cancelNotification,
  editNotification,
  listScheduled,
  retractNotification,
} from '../../commands/notifications.ts';
import { notify, notifyEach, notifyMany } from '../../commands/notify.ts';
import * as examples from './documents/examples/answers.ts';
import { ids } from './documents/examples/names.ts';
import { answer, type Call, commandBody } from './endpoint.ts';
import { batchKeyHeader, idempotencyHeader, idOf, keyOf, paging, wait, waitOptionsOf, withKey } from './parameters.ts';
import type { Routes } from './routes.ts';

const group = 'Notifications';
const who = 'back_end';

const idempotency_mismatch =
  'this idempotency key was used for another notification in the last 24 hours; use a new key';

const Atomic = Type.Object({
  atomic: Type.Optional(
    Type.Boolean({ default: true, description: 'Store all or none. `false` answers item by item' }),
  ),
});

/** A batch that was asked for. */
type BatchCall = Pick<Call<'back_end', TObject, TObject, TSchema>, 'caller' | 'query' | 'body' | 'request' | 'reply'>;

async function sendBatch(context: CommandContext, { caller, query, body, request, reply }: BatchCall) {
  const key = keyOf(request);
  if (query.atomic !== false) return { results: await notifyMany(context, caller, body, key) };
  const results = await notifyEach(context, caller, body, key);
  reply.code(200);
  return { results: results.map((item) => (item.ok ? item.result : { error: item.error.toJSON() })) };
}

/** The routes by which back ends send and manage notifications. */
export function notificationRoutes(routes: Routes, context: CommandContext): void {
  routes.add({
    call: 'POST /api/v1/notifications',
    ...{ id: 'sendNotification', group, summary: 'Send a notification', who },
    description:
      'Answers once it is stored and fsynced; its recipients receive it at once, or when they connect. An unknown user is accepted: what is sent waits.',
    status: 201,
    formerQuery: Atomic,
    headers: idempotencyHeader,
    body: commandBody(NotifyInput, examples.notifications),
    answers: {
      201: answer(NotifyResult, 'Stored', {
        stored: examples.stored,
        'of the same key again': examples.storedBefore,
      }),
    },
    errors: { idempotency_mismatch },
    store: 'writes',
    handle({ caller, query, body, request, reply }) {
      // An array was the way to send a batch before batches had a path of their own.
      if (Array.isArray(body)) return sendBatch(context, { caller, query, body, request, reply }) as never;
      if (query.atomic !== undefined)
        throw new TidingsError('bad_request', '"atomic" is for POST /api/v1/notifications/batch');
      return notify(context, caller, withKey(body, request));
    },
  });
  routes.add({
    call: 'POST /api/v1/notifications/batch',
    ...{ id: 'sendNotificationBatch', group, summary: 'Send up to 1,000 notifications', who },
    description: 'They are stored whole, in their order, or not at all, unless `atomic=false`.',
    status: 201,
    query: Atomic,
    headers: batchKeyHeader,
    body: commandBody(Type.Array(NotifyInput, { minItems: 1, maxItems: limits.batch }), { 'a batch': examples.batch }),
    answers: {
      201: answer(BatchResult, 'Stored', { 'of a batch': examples.batchResult }),
      200: answer(BatchResult, 'With `atomic=false`: what became of each item', {
        'item by item': examples.eachResult,
      }),
    },
    errors: { idempotency_mismatch, conflict: 'item 2: it could not be stored beside the others' },
    store: 'writes',
    handle: (call) => sendBatch(context, call),
  });
  routes.add({
    call: 'GET /api/v1/notifications',
    ...{ id: 'listScheduled', group, summary: 'List what waits to be delivered, soonest first', who },
    query: Type.Object({
      status: Type.Optional(
        Type.Union([Type.Literal('scheduled')], { default: 'scheduled', description: 'Only these can be listed' }),
      ),
      before: Type.Optional(Type.String({ maxLength: 128, description: 'The `next_before` of the page before' })),
      limit: paging.limit,
    }),
    answers: { 200: answer(ScheduledPage, 'A page', { page: examples.scheduledPage }) },
    store: 'reads',
    handle: ({ query: { before = null, limit = 20 } }) => listScheduled(context, { after: before, limit }),
  });
  oneNotification(routes, context);
  answerRoutes(routes, context);
}

/** The routes of one notification that was sent. */
function oneNotification(routes: Routes, context: CommandContext): void {
  const params = idOf('The notification', ids.notification, 'notification_id');
  const not_found = `there is no notification "${ids.another}", or it is not yours`;
  routes.add({
    call: 'GET /api/v1/notifications/{id}',
    ...{ id: 'readNotification', group, summary: 'See how a notification stands', who, params },
    description:
      'With `wait` it is answered once somebody has answered the notification, or nobody can any more; else as it stands when the time is over.',
    query: Type.Object({ wait }),
    answers: { 200: answer(NotificationView, 'As it stands', { live: examples.live, answered: examples.answered }) },
    errors: { not_found },
    store: 'reads',
    handle: ({ params, query, reply }) => waitForAnswer(context, params.id, waitOptionsOf(query.wait, reply)),
  });
  routes.add({
    call: 'PATCH /api/v1/notifications/{id}',
    ...{ id: 'editNotification', group, summary: 'Change a notification in place', who, params },
    description:
      'What is left out stays as it is. Everybody who has it sees the change; nobody is alerted, and nothing counts again. One that has expired is brought back by a new `expires_at`.',
    body: commandBody(NotificationEdit, examples.edits),
    answers: { 200: answer(NotifyResult, 'Changed', { changed: { ...examples.stored, rev: 4714 } }) },
    errors: { not_found, conflict: `the notification ${ids.notification} was retracted` },
    store: 'writes',
    handle: ({ params, body }) => editNotification(context, params.id, body),
  });
  routes.add({
    call: 'DELETE /api/v1/notifications/{id}',
    ...{ id: 'retractNotification', group, summary: 'Take a notification back, or cancel one that is scheduled', who },
    description:
      'It leaves every list and badge. Again it changes nothing, and is answered the same. With `status=scheduled` only what still waits is taken back, and what was delivered stays.',
    params,
    query: Type.Object({
      status: Type.Optional(
        Type.Union([Type.Literal('scheduled')], { description: 'Take it back only while it is this' }),
      ),
    }),
    answers: { 200: answer(NotifyResult, 'Retracted', { retracted: { ...examples.stored, rev: 4717 } }) },
    errors: {
      not_found,
      conflict: `notification ${ids.notification} does not wait any more: it was delivered already; retract it to take it back`,
    },
    store: 'writes',
    handle: ({ params, query }) =>
      query.status === 'scheduled' ? cancelNotification(context, params.id) : retractNotification(context, params.id),
  });
}

/** The answers to notifications with buttons. */
function answerRoutes(routes: Routes, context: CommandContext): void {
  routes.add({
    call: 'GET /api/v1/answers',
    ...{ id: 'listAnswers', group, summary: 'Receive the answers of people', who },
    description:
      'Every answer past a rev, oldest first; without `after` those from now on. With `wait` it is answered when there is one, or with none when the time is over.',
    query: Type.Object({
      after: Type.Optional(
        Type.Integer({
          ...{ minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
          description: 'The `next_after` of the answer before',
        }),
      ),
      wait,
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100, description: 'How many at most' })),
    }),
    answers: { 200: answer(AnswerPage, 'What came', { answers: examples.answerPage }) },
    store: 'reads',
    handle: ({ query: { after = null, limit = 100, wait }, reply }) =>
      answersSince(context, { after, limit }, waitOptionsOf(wait, reply)),
  });
}
