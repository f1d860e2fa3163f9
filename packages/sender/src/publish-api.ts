import { type NotifyInput, type NotifyResult, TidingsError } from '@tidings/protocol';
import { checkInput } from './check-input.ts';
import { asTidingsError } from './errors.ts';
import type { PublishOptions, PublishOutcome, SenderPort } from './port.ts';

/** Functions that store notifications and push them. */
export interface PublishFunctions {
  /**
   * Stores a notification and pushes it. Resolves once it is on the server's disk.
   *
   * @throws TidingsError whose `retryable` says whether the same call may succeed later; repeat it with the same
   * `idempotency_key`, and it is stored once
   */
  notify(input: NotifyInput): Promise<NotifyResult>;
  /**
   * Stores many, each answered by its own outcome, in order; the `index` of an error names the item. With `atomic` (at most
   * 1,000) all are stored or none: then every outcome is the same error.
   */
  notifyMany(inputs: readonly NotifyInput[], options?: { atomic?: boolean }): Promise<PublishOutcome[]>;
}

/** The most items that a port takes at once, and that are stored all or none. */
const maxItems = 1_000;

/** Publishes any number of items; only atomic ones must fit one batch. */
export async function publish(
  port: SenderPort,
  items: readonly NotifyInput[],
  options: PublishOptions,
): Promise<PublishOutcome[]> {
  if (options.atomic && items.length > maxItems) {
    const message = `an atomic batch holds at most ${maxItems} items; got ${items.length}: split it`;
    const error = new TidingsError('bad_request', message);
    return items.map(() => ({ ok: false, error }));
  }
  const batches: Promise<PublishOutcome[]>[] = [];
  for (let from = 0; from < items.length; from += maxItems) {
    batches.push(port.publish(items.slice(from, from + maxItems), options));
  }
  return (await Promise.all(batches)).flat();
}

export function publishApi(port: SenderPort): PublishFunctions {
  return {
    async notify(input) {
      checkInput(input, 'notify');
      const [outcome] = await port.publish([input], { atomic: false });
      if (outcome?.ok) return outcome.result;
      throw outcome?.error ?? new TidingsError('internal', 'the notification was not answered');
    },
    notifyMany: async (inputs, { atomic = false } = {}) => notifyMany(port, inputs, atomic),
  };
}

/** Publishes what JSON can carry; the rest is refused item by item, or as a whole where it is atomic. */
async function notifyMany(
  port: SenderPort,
  inputs: readonly NotifyInput[],
  atomic: boolean,
): Promise<PublishOutcome[]> {
  const refusals = inputs.map((input, index) => refusalOf(input, index));
  const firstRefusal = refusals.find((error) => error !== null);
  if (firstRefusal && atomic) return inputs.map(() => ({ ok: false, error: firstRefusal }));
  const good = inputs.filter((_, index) => refusals[index] === null);
  const outcomes = (await publish(port, good, { atomic })).values();
  return refusals.map((error, index) => {
    if (error) return { ok: false, error };
    const outcome = outcomes.next().value as PublishOutcome;
    return outcome.ok || atomic ? outcome : { ok: false, error: withIndex(outcome.error, index) };
  });
}

/** The same error with its position in the caller's list. */
const withIndex = ({ code, message, retryable, cause }: TidingsError, index: number): TidingsError =>
  new TidingsError(code, message, { index, retryable, cause });

function refusalOf(input: NotifyInput, index: number): TidingsError | null {
  try {
    checkInput(input, `item ${index}`);
    return null;
  } catch (thrown) {
    return withIndex(asTidingsError(thrown), index);
  }
}
