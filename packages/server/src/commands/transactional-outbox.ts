import { TidingsError } from '@tidings/protocol';
import { jsonFault } from '@tidings/protocol/schemas';
import type { OutboxItem, OutboxStore } from '../domain/store/outbox.ts';
import type { Publishing } from '../tasks/linked-batch.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { BackEnd, CommandContext } from './context.ts';
import { attempt, connectedFor, prepare, publishEach } from './notify.ts';

/** The most items taken at a time; the rest follows at once. */
const atOnce = 500;
/** Time after which other nodes take the items of a node that died, ms. */
const lease = 10_000;

const caller: BackEnd = { kind: 'back_end', scope: 'outbox' };

/**
 * Publishes what applications have left in the database, in transactions of their own. Each is deleted in the commit that stores it, so
 * that it is published once, whenever a node dies. What cannot be published stays, with the reason.
 */
export class TransactionalOutbox {
  readonly #store: OutboxStore;
  readonly #context: CommandContext;
  readonly #counters: Pick<Counters, 'outboxRefused'>;
  #isStopped = false;

  constructor(store: OutboxStore, context: CommandContext, counters: Pick<Counters, 'outboxRefused'>) {
    this.#store = store;
    this.#context = context;
    this.#counters = counters;
  }

  /** Takes nothing more: a run ends when what was taken is published. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when there is nothing to take any more. */
  async run(): Promise<void> {
    for (let mayBeMore = this.#store.hasOutbox; mayBeMore && !this.#isStopped; ) {
      const rows = await this.#store.takeOutbox(atOnce, lease);
      mayBeMore = rows.length > 0;
      const inputs = rows.map((row) => attempt(() => inputOf(row)));
      const connected = await connectedFor(this.#context, inputs);
      const results = await publishEach(
        this.#context,
        rows.map(({ id }, i) => attempt(() => this.#prepared(id, inputs[i] as object | TidingsError, connected))),
      );
      const refused = results.flatMap((result, i) =>
        // An item that may succeed later is taken again after the lease has ended.
        result.ok || result.error.retryable ? [] : [{ row: (rows[i] as OutboxItem).id, reason: result.error.message }],
      );
      for (const { row, reason } of refused) await this.#store.refuseOutbox(row, reason);
      this.#tell(refused);
    }
  }

  #tell(refused: readonly { row: number; reason: string }[]): void {
    const [first] = refused;
    if (!first) return;
    this.#counters.outboxRefused += refused.length;
    const todo = 'mend the item and set its error to null, or delete the row';
    this.#context.telemetry.emit({ type: 'outbox_refused', count: refused.length, ...first, todo });
  }

  #prepared(id: number, input: object | TidingsError, connected: readonly string[]): Publishing {
    if (input instanceof TidingsError) throw input;
    const { write, ...publishing } = prepare(this.#context, caller, input, { connected });
    return { ...publishing, write: { ...write, key: write.key && { ...write.key, outbox: id } } };
  }
}

/** The notification that an application left, with an idempotency key of its own. Throws TidingsError if it is none. */
function inputOf({ id, item }: OutboxItem): object {
  const given: unknown = JSON.parse(item);
  const fault = jsonFault(item, given, 'an item of the outbox');
  if (fault) throw new TidingsError('bad_request', fault.message);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TidingsError('bad_request', 'an item of the outbox must be one notification, as a JSON object');
  }
  return { idempotency_key: `row:${id}`, ...given };
}
