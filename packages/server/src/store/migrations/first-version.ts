import { type Kysely, sql } from 'kysely';

/** The most records that one statement reads. */
const atOnce = 500;

interface Frame {
  type?: unknown;
  title?: unknown;
  message?: unknown;
  category?: unknown;
  silent?: unknown;
  expires_at?: unknown;
  data?: { file_name?: unknown };
}

const textOr = <T>(value: unknown, other: T): string | T => (typeof value === 'string' ? value : other);

/** The columns of a notification for the inbox, from its frame, which is all that the first version kept. */
function columnsOf(rev: number, body: string) {
  const frame = JSON.parse(body) as Frame;
  const texts = [frame.title, frame.message, frame.data?.file_name].filter((text) => textOr(text, '') !== '');
  const due = Date.parse(textOr(frame.expires_at, ''));
  return {
    rev,
    type: textOr(frame.type, null),
    category: textOr(frame.category, ''),
    search: frame.silent === true || texts.length === 0 ? null : texts.join('\n').normalize('NFKC').toLowerCase(),
    due_at: Number.isNaN(due) ? null : due,
  };
}

/** Fills in and counts the notifications of a SQLite database of the first version. */
export async function countWhatIsThere(db: Kysely<unknown>): Promise<void> {
  for (let after = 0; ; ) {
    const { rows } = await sql<{ rev: number; body: string }>`select rev, body from records
      where kind = 'notification' and rev > ${after} order by rev limit ${atOnce}`.execute(db);
    if (rows.length === 0) break;
    await fillIn(db, JSON.stringify(rows.map(({ rev, body }) => columnsOf(rev, body))));
    after = rows.at(-1)?.rev ?? after;
  }
  // An older process may have written since a migration that was cut off had counted.
  await sql`delete from unread_counts`.execute(db);
  await sql`insert into unread_counts (user_id, category, unread)
    select substr(t.topic, 6), t.category, count(*) from record_topics t
      left join users u on u.user_id = substr(t.topic, 6)
      left join receipts c on c.user_id = substr(t.topic, 6) and c.record_id = t.record_id
      where t.topic >= 'user:' and t.topic < 'user;' and t.alert_rev > coalesce(u.read_upto, 0)
        and (c.read_rev is null or c.read_rev < t.alert_rev)
      group by 1, 2`.execute(db);
}

async function fillIn(db: Kysely<unknown>, columns: string): Promise<void> {
  await sql`update records set type = j.value ->> 'type', category = j.value ->> 'category',
      search = j.value ->> 'search', due_at = j.value ->> 'due_at',
      alert_rev = coalesce((select max(t.alert_rev) from json_each(records.topics) h
        join record_topics t on t.topic = h.value and t.rev = records.rev), 0)
    from json_each(${columns}) j where records.rev = j.value ->> 'rev'`.execute(db);
  await sql`update record_topics set category = j.value ->> 'category'
    from json_each(${columns}) j join records r on r.rev = j.value ->> 'rev' join json_each(r.topics) h
    where j.value ->> 'category' <> '' and record_topics.topic = h.value and record_topics.rev = r.rev`.execute(db);
}
