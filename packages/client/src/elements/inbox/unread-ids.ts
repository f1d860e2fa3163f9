import type { TidingsClient } from '../../client.ts';

/** The most ids in one action. */
const most = 1_000;
const pageSize = 100;

/** The ids of all unread notifications, loaded or not; null if they are too many for one action. */
export async function unreadIds(client: TidingsClient): Promise<string[] | null> {
  const { items, counts } = client.inbox.getSnapshot();
  const loaded = items.filter(({ read, expired, answer }) => !read && !expired && !answer).map(({ id }) => id);
  if (loaded.length >= counts.unread) return loaded;
  if (counts.unread > most) return null;
  const ids = new Set(loaded);
  for (let before: number | undefined; ; ) {
    const reply = await client.request({ action: 'list', unread: true, limit: pageSize, before });
    for (const { id } of reply.items as { id: string }[]) ids.add(id);
    if (reply.next_before === null) return [...ids];
    before = reply.next_before as number;
  }
}
