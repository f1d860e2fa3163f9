import { type InboxItem, isUnread } from '../../inbox-item.ts';
import { textOf } from '../describe-frame.ts';

/** One line of the list: the newest record of what it is about, and every record that is read with it. */
export interface Row {
  key: string;
  newest: InboxItem;
  ids: string[];
  /** True if nothing of it asks for attention. */
  isCalm: boolean;
}

/** The key that groups records: the reports of one job share their transaction, any other record stands alone. */
function subject({ id, frame }: InboxItem): string {
  const transaction = frame.type.startsWith('oracle_upload_') && textOf(frame, 'transaction_id');
  return transaction ? `transaction ${transaction}` : id;
}

/** The list's lines, newest first: a job that reports five steps is one line with the latest. */
export function rowsOf(items: readonly InboxItem[]): Row[] {
  const rows = new Map<string, Row>();
  for (const item of items) {
    const about = subject(item);
    const isCalm = !isUnread(item);
    const row = rows.get(about);
    if (!row) rows.set(about, { key: about, newest: item, ids: [item.id], isCalm });
    else {
      row.ids.push(item.id);
      row.isCalm &&= isCalm;
    }
  }
  return [...rows.values()];
}
