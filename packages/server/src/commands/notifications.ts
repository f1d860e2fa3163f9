import {
  type Audience,
  type NotificationEdit,
  type NotificationStatus,
  type NotificationView,
  type NotifyResult,
  type ScheduledPage,
  TidingsError,
} from '@tidings/protocol';
import { NotificationEdit as EditSchema } from '@tidings/protocol/schemas';
import { checkDataSize } from '../domain/data-size.ts';
import { edited, type Retracted, retracted } from '../domain/inbox/lifecycle.ts';
import { stateOf } from '../domain/inbox/notification.ts';
import type { NotificationState } from '../domain/inbox/state.ts';
import type { StoredRecord } from '../domain/store/records.ts';
import type { ScheduledQuery } from '../domain/store/schedule.ts';
import { everyone, usernamePrefix, userPrefix } from '../domain/topics.ts';
import type { PutWrite } from '../domain/writes.ts';
import type { CommandContext } from './context.ts';
import { notFound, parser } from './refuse.ts';

const parseEdit = parser<NotificationEdit>(EditSchema, 'a change of a notification');

/** Reads a notification. Throws `not_found`. */
export async function getNotification(context: CommandContext, id: string): Promise<NotificationView> {
  return viewOf(await stored(context, id));
}

/** Changes a notification in place: everybody who has it sees the change, and nobody is alerted again. Throws TidingsError. */
export async function editNotification(context: CommandContext, id: string, input: unknown): Promise<NotifyResult> {
  const edit = parseEdit(input);
  checkDataSize(edit.data, { name: 'data', atMost: context.maxDataBytes });
  return change(context, id, (record) => {
    if (record.kind === 'retracted') throw new TidingsError('conflict', `the notification ${id} was retracted`);
    return edited(record, edit, context.clock.now());
  });
}

/** Takes a notification back, from every list and badge; one that is scheduled is never sent. Again it changes nothing. */
export function retractNotification(context: CommandContext, id: string): Promise<NotifyResult> {
  return change(context, id, (record) => (record.kind === 'retracted' ? null : retracted(record, context.clock.now())));
}

/** Cancels one that is scheduled, before anybody was sent it. Again it changes nothing. Throws `conflict` if it is out. */
export function cancelNotification(context: CommandContext, id: string): Promise<NotifyResult> {
  return change(context, id, (record) => {
    if (record.kind === 'notification' && stateOf(record).waits) return retracted(record, context.clock.now());
    // A notification that was never released had no recipients.
    if (record.kind === 'retracted' && record.topics.length === 0) return null;
    const what =
      record.kind === 'retracted' ? 'was retracted already' : 'was delivered already; retract it to take it back';
    throw new TidingsError('conflict', `notification ${id} does not wait any more: it ${what}`);
  });
}

/** Lists scheduled notifications, soonest first. */
export async function listScheduled(
  context: CommandContext,
  { after, limit }: { after: string | null; limit: number },
): Promise<ScheduledPage> {
  const { records, full } = await context.store.scheduled({ after: placeOf(after), limit });
  const last = full ? records.at(-1) : undefined;
  return { items: records.map(viewOf), next_before: last ? `${last.dueAt}.${last.id}` : null };
}

/** The start of a page of scheduled notifications, as an earlier page gave it. */
function placeOf(text: string | null): ScheduledQuery['after'] {
  if (text === null) return null;
  const match = /^(\d{1,15})\.(n[0-9a-v]{1,64})$/.exec(text);
  if (match) return { dueAt: Number(match[1]), id: match[2] as string };
  throw new TidingsError(
    'bad_request',
    `"before" must be the next_before of an earlier page of what is scheduled; got ${JSON.stringify(text)}`,
  );
}

async function stored(context: CommandContext, id: string): Promise<StoredRecord> {
  const record = await context.store.record(id);
  if (record?.kind === 'notification' || record?.kind === 'retracted') return record;
  throw notFound('notification', id);
}

/** Stores the next version of a notification. It is made anew if others changed it meanwhile; null changes nothing. */
async function change(
  context: CommandContext,
  id: string,
  next: (record: StoredRecord) => PutWrite | null,
): Promise<NotifyResult> {
  for (;;) {
    const record = await stored(context, id);
    const write = next(record);
    if (!write) return { id, rev: record.rev };
    const [outcome] = await context.store.commit([write]);
    if (outcome?.status === 'stored') return { id, rev: outcome.rev };
  }
}

function viewOf(record: StoredRecord): NotificationView {
  const { id, rev, externalId: external_id } = record;
  if (record.kind === 'retracted') {
    const { topics, published_at } = JSON.parse(record.state as string) as Retracted;
    const created_at = new Date(published_at).toISOString();
    const gone = { deliver_at: null, task_id: null, answer: null, frame: null };
    return { id, rev, external_id, created_at, status: 'retracted', to: audienceOf(topics), ...gone };
  }
  const state = stateOf(record);
  return {
    ...{ id, rev, external_id, created_at: new Date(record.at).toISOString() },
    ...{ status: statusOf(state), to: audienceOf(state.waits?.topics ?? record.topics) },
    deliver_at: state.waits?.until ?? null,
    ...{ task_id: state.task_id, answer: state.answer },
    frame: { ...JSON.parse(record.body), rev },
  };
}

/** The topics of a record as an audience; where some names are known and others are not, the users that are known. */
function audienceOf(topics: readonly string[]): Audience {
  const after = (prefix: string) =>
    topics.filter((topic) => topic.startsWith(prefix)).map((t) => t.slice(prefix.length));
  const [[role], users, names] = [after('role:'), after(userPrefix), after(usernamePrefix)];
  if (topics.includes(everyone)) return { everyone: true };
  // It was sent to all connected users, and there were none.
  if (topics.length === 0) return { connected: true };
  if (role !== undefined) return { role };
  if (users.length > 0) return users.length === 1 ? { user: users[0] as string } : { users };
  return names.length === 1 ? { username: names[0] as string } : { usernames: names };
}

function statusOf({ waits, expired, answer }: NotificationState): NotificationStatus {
  if (waits) return 'scheduled';
  if (answer) return 'answered';
  return expired ? 'expired' : 'live';
}
