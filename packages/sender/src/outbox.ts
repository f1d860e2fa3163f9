import type { NotifyInput } from '@tidings/protocol';
import { checkInput } from './check-input.ts';

/** A statement of PostgreSQL with its value, as `query()` of `pg` and most other clients take it. */
export interface OutboxStatement {
  text: string;
  values: [item: string];
}

/**
 * Makes the statement that puts a notification into the outbox of a Tidings server, where the application uses the same PostgreSQL
 * database. Run in a transaction, it is sent if that commits, and never if it does not.
 *
 * @param table default `tidings_outbox`; with the schema before it, if that is not in the search path
 * @throws TidingsError `bad_request` for what JSON cannot carry; any other fault is written to the row's `error`
 */
export function toOutbox(notification: NotifyInput, table = 'tidings_outbox'): OutboxStatement {
  checkInput(notification, 'toOutbox');
  return { text: `insert into ${table} (item) values ($1)`, values: [JSON.stringify(notification)] };
}
