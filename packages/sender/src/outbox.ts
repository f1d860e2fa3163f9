import type { NotifyInput } from '@tidings/protocol';
import { checkInput } from './check-input.ts';

/** A statement of PostgreSQL's with its value, as `query()` of `pg` and most other clients take it. */
export interface OutboxStatement {
  text: string;
  values: [item: string];
}

/**
 * The statement that leaves a notification in the outbox of a Tidings server whose PostgreSQL database is the application's too. Run in a
 * transaction of the application's, it is sent if that commits, and never if it does not.
 *
 * @param table default `tidings_outbox`; with the schema before it, where that is not in the search path
 * @throws TidingsError `bad_request` for what JSON cannot carry. What else is wrong with it stands in the row's `error`, where it stays.
 */
export function toOutbox(notification: NotifyInput, table = 'tidings_outbox'): OutboxStatement {
  checkInput(notification, 'toOutbox');
  return { text: `insert into ${table} (item) values ($1)`, values: [JSON.stringify(notification)] };
}
