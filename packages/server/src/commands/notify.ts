import { type NotifyInput, type NotifyResult, TidingsError } from '@tidings/protocol';
import { limits, NotifyInput as Schema } from '@tidings/protocol/schemas';
import { checkDataSize } from '../domain/data-size.ts';
import { recipientsOf } from '../domain/inbox/linked.ts';
import { type BatchItem, publication } from '../domain/inbox/publish.ts';
import { usernamePrefix, userTopic } from '../domain/topics.ts';
import type { Outcome, PutWrite } from '../domain/writes.ts';
import type { Published, Publishing } from '../tasks/linked-batch.ts';
import type { BackEnd, CommandContext } from './context.ts';
import { parser } from './refuse.ts';

/** The result of one item of a batch. */
export type ItemResult = { ok: true; result: NotifyResult } | { ok: false; error: TidingsError };

const parse = parser<NotifyInput>(Schema, 'a notification');

/** Stores one notification. Resolves after the commit. */
export async function notify(context: CommandContext, caller: BackEnd, input: unknown): Promise<NotifyResult> {
  const [result] = await notifyMany(context, caller, [input]);
  return result as NotifyResult;
}

/** Stores all of up to 1,000 notifications, or none: throws the first error, with its index. `key` is what the batch is known by. */
export async function notifyMany(
  context: CommandContext,
  caller: BackEnd,
  inputs: unknown,
  key?: string,
): Promise<NotifyResult[]> {
  const connected = await connectedFor(context, items(inputs));
  const all = items(inputs).map((input, index, { length: count }) =>
    prepare(context, caller, input, {
      index: count > 1 ? index : undefined,
      item: partOf(key, index, count),
      connected,
    }),
  );
  const outcomes = (await publish(context, all, true)) as Outcome[];
  const failed = outcomes.findIndex((outcome) => outcome.status === 'mismatch' || outcome.status === 'stale');
  if (failed !== -1) throw refusal(outcomes[failed] as Outcome, all.length > 1 ? failed : undefined);
  emitPublished(context, outcomes);
  return outcomes.map((outcome, i) => resultOf(outcome, (all[i] as Publishing).write));
}

/** Stores what can be stored of up to 1,000 notifications, and answers item by item. */
export async function notifyEach(
  context: CommandContext,
  caller: BackEnd,
  inputs: unknown,
  key?: string,
): Promise<ItemResult[]> {
  const connected = await connectedFor(context, items(inputs));
  const prepared = items(inputs).map((input, index, { length: count }) =>
    attempt(() => prepare(context, caller, input, { item: partOf(key, index, count), connected })),
  );
  return publishEach(context, prepared);
}

/** The same of what was prepared, or could not be. */
export async function publishEach(
  context: CommandContext,
  prepared: readonly (Publishing | TidingsError)[],
): Promise<ItemResult[]> {
  const good = prepared.filter((item): item is Publishing => !(item instanceof TidingsError));
  const outcomes = good.length > 0 ? await publish(context, good, false) : [];
  emitPublished(context, outcomes);
  let next = 0;
  return prepared.map((item): ItemResult => {
    const outcome = item instanceof TidingsError ? item : (outcomes[next++] as Published);
    if (outcome instanceof TidingsError) return { ok: false, error: outcome };
    const isStored = outcome.status === 'stored' || outcome.status === 'duplicate';
    const { write } = item as Publishing;
    return isStored
      ? { ok: true, result: resultOf(outcome, write) }
      : { ok: false, error: refusal(outcome, undefined) };
  });
}

/** Stores notifications: those that follow tasks together with these. */
async function publish(context: CommandContext, all: readonly Publishing[], atomic: boolean): Promise<Published[]> {
  if (all.every(({ taskId }) => taskId === null)) {
    const writes = all.map(({ write }) => write);
    return context.store.commit(writes, { atomic });
  }
  return context.tasks.publish(await Promise.all(all.map((item) => named(context, item))), { atomic });
}

/** The same with the user whose name the one recipient is, if that is known. */
async function named(context: CommandContext, item: Publishing): Promise<Publishing> {
  const [topic, more] = item.recipients;
  if (item.taskId === null || more !== undefined || !topic?.startsWith(usernamePrefix)) return item;
  const user = await context.store.userId(topic.slice(usernamePrefix.length));
  return user === null ? item : { ...item, recipients: [userTopic(user)] };
}

function items(inputs: unknown): unknown[] {
  if (!Array.isArray(inputs)) throw new TidingsError('bad_request', 'a batch must be an array of notifications');
  if (inputs.length === 0 || inputs.length > limits.batch) {
    throw new TidingsError('bad_request', `a batch holds 1 to ${limits.batch} notifications; got ${inputs.length}`);
  }
  return inputs;
}

const partOf = (key: string | undefined, index: number, count: number): BatchItem | undefined =>
  key === undefined ? undefined : { key, index, count };

/** The prefix of a notification in a batch. */
interface Place {
  /** Its number for error messages; absent where it stands for itself. */
  index?: number | undefined;
  /** Its part of the idempotency key of the batch; absent where that has none. */
  item?: BatchItem | undefined;
  /** The users that `{connected: true}` names; needed where an input may name them, by `connectedFor`. */
  connected?: readonly string[];
}

/** The ids of the users who are connected now; asked for only if an input names them by `{connected: true}`. */
export async function connectedFor(context: CommandContext, inputs: readonly unknown[]): Promise<readonly string[]> {
  return inputs.some(namesConnected) ? context.presence.ids() : [];
}

const namesConnected = (input: unknown): boolean =>
  (input as { to?: { connected?: unknown } | null } | null)?.to?.connected !== undefined;

/** The writes of a notification that a back end sends. Throws TidingsError if it cannot be sent. */
export function prepare(
  context: CommandContext,
  caller: BackEnd,
  input: unknown,
  { index, item, connected = [] }: Place = {},
): Publishing {
  const notification = parse(input, index);
  checkDataSize(notification.data, { name: 'data', atMost: context.maxDataBytes, index });
  const at = { now: context.clock.now(), scope: caller.scope, connected, item };
  if (notification.callback_url !== undefined) context.callbacks.check(notification.callback_url);
  const write = publication(notification, at);
  const taskId = notification.task_id === undefined ? null : String(notification.task_id);
  return { write, taskId, recipients: taskId === null ? [] : recipientsOf(write) };
}

export function attempt<T>(make: () => T): T | TidingsError {
  try {
    return make();
  } catch (error) {
    if (error instanceof TidingsError) return error;
    throw error;
  }
}

function resultOf(outcome: Outcome, write: PutWrite): NotifyResult {
  const { id, rev } = outcome as { id: string; rev: number };
  if (outcome.status === 'duplicate') return { id, rev, duplicate: true };
  if (write.status === 'scheduled') return { id, rev, scheduled: true };
  return outcome.status === 'stored' && outcome.collapsed ? { id, rev, collapsed: true } : { id, rev };
}

function refusal(outcome: Outcome, index: number | undefined): TidingsError {
  const prefix = index === undefined ? '' : `item ${index}: `;
  if (outcome.status === 'mismatch') {
    const message = `${prefix}this idempotency key was used for another notification already; use a new key`;
    return new TidingsError('idempotency_mismatch', message, { index });
  }
  return new TidingsError('conflict', `${prefix}it could not be stored beside the others`, { index });
}

function emitPublished(context: CommandContext, outcomes: readonly Published[]): void {
  const count = outcomes.filter((outcome) => !(outcome instanceof TidingsError) && outcome.status === 'stored').length;
  if (count > 0) context.telemetry.emit({ type: 'published', kind: 'notification', count });
}
