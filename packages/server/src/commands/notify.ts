import { type NotifyInput, type NotifyResult, TidingsError } from '@tidings/protocol';
import { limits, NotifyInput as Schema } from '@tidings/protocol/schemas';
import { publication } from '../domain/inbox/publish.ts';
import type { Outcome, PutWrite } from '../domain/ports.ts';
import type { BackEnd, CommandContext } from './context.ts';
import { parser } from './refuse.ts';

/** What became of one item of a batch. */
export type ItemResult = { ok: true; result: NotifyResult } | { ok: false; error: TidingsError };

const parse = parser<NotifyInput>(Schema, 'a notification');

/** Stores one notification. Resolves after the commit. */
export async function notify(context: CommandContext, caller: BackEnd, input: unknown): Promise<NotifyResult> {
  const [result] = await notifyMany(context, caller, [input]);
  return result as NotifyResult;
}

/** Stores all of up to 1,000 notifications, or none: throws the first error, with its index. */
export async function notifyMany(context: CommandContext, caller: BackEnd, inputs: unknown): Promise<NotifyResult[]> {
  const writes = items(inputs).map((input, i, all) => record(context, caller, input, all.length > 1 ? i : undefined));
  const outcomes = await context.store.commit(writes, { atomic: true });
  const failed = outcomes.findIndex((outcome) => outcome.status === 'mismatch' || outcome.status === 'stale');
  if (failed !== -1) throw refusal(outcomes[failed] as Outcome, writes.length > 1 ? failed : undefined);
  tell(context, outcomes);
  return outcomes.map((outcome, i) => resultOf(outcome, writes[i] as PutWrite));
}

/** Stores what can be stored of up to 1,000 notifications, and answers item by item. */
export async function notifyEach(context: CommandContext, caller: BackEnd, inputs: unknown): Promise<ItemResult[]> {
  const prepared = items(inputs).map((input) => attempt(() => record(context, caller, input, undefined)));
  const writes = prepared.flatMap((item) => (item instanceof TidingsError ? [] : [item]));
  const outcomes = writes.length > 0 ? await context.store.commit(writes) : [];
  tell(context, outcomes);
  let next = 0;
  return prepared.map((item): ItemResult => {
    if (item instanceof TidingsError) return { ok: false, error: item };
    const outcome = outcomes[next++] as Outcome;
    const isStored = outcome.status === 'stored' || outcome.status === 'duplicate';
    return isStored ? { ok: true, result: resultOf(outcome, item) } : { ok: false, error: refusal(outcome, undefined) };
  });
}

function items(inputs: unknown): unknown[] {
  if (!Array.isArray(inputs)) throw new TidingsError('bad_request', 'a batch must be an array of notifications');
  if (inputs.length === 0 || inputs.length > limits.batch) {
    throw new TidingsError('bad_request', `a batch holds 1 to ${limits.batch} notifications; got ${inputs.length}`);
  }
  return inputs;
}

function record(context: CommandContext, caller: BackEnd, input: unknown, index: number | undefined): PutWrite {
  const notification = parse(input, index);
  const at = { now: context.clock.now(), scope: caller.scope, connected: () => context.presence.ids() };
  return publication(notification, at);
}

function attempt(make: () => PutWrite): PutWrite | TidingsError {
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
  const place = index === undefined ? '' : `item ${index}: `;
  if (outcome.status === 'mismatch') {
    const message = `${place}this idempotency key was used for another notification already; use a new key`;
    return new TidingsError('idempotency_mismatch', message, { index });
  }
  return new TidingsError('conflict', `${place}it could not be stored beside the others`, { index });
}

function tell(context: CommandContext, outcomes: readonly Outcome[]): void {
  const count = outcomes.filter((outcome) => outcome.status === 'stored').length;
  if (count > 0) context.telemetry.emit({ type: 'published', kind: 'notification', count });
}
