import type { InboxItem } from '../inbox.ts';
import { textOf } from './describe-frame.ts';

/** One line of the list: the newest record of what it is about, and every record that is read with it. */
export interface BellRow {
  key: string;
  newest: InboxItem;
  ids: string[];
  read: boolean;
}

/** What a record is about: a job's reports share their transaction, everything else stands for itself. */
function subject({ id, frame }: InboxItem): string {
  const transaction = frame.type.startsWith('oracle_upload_') && textOf(frame, 'transaction_id');
  return transaction ? `transaction ${transaction}` : id;
}

/** The list's lines, newest first: a job that reports five steps is one line, which tells the latest. */
export function bellRows(items: readonly InboxItem[]): BellRow[] {
  const rows = new Map<string, BellRow>();
  for (const item of items) {
    const about = subject(item);
    const row = rows.get(about);
    if (!row) rows.set(about, { key: about, newest: item, ids: [item.id], read: item.read });
    else {
      row.ids.push(item.id);
      row.read &&= item.read;
    }
  }
  return [...rows.values()];
}
