import type { FrameOf, PresenceMember } from '@tidings/protocol';

/** A user who is in a room now: `sessions` has by session id what each said there by `setPresence()`, or `{}`. */
export interface PresentMember extends PresenceMember {
  user_id: string;
}

const byName = new Intl.Collator();

/** The members after a frame, by name; the same array if nothing changed. */
export function membersAfter(
  before: readonly PresentMember[],
  { members: everybody, joined, changed, left = [] }: FrameOf<'presence'>,
): readonly PresentMember[] {
  const members = new Map((everybody ? [] : before).map((member) => [member.user_id, member]));
  for (const user_id of left) members.delete(user_id);
  for (const [user_id, member] of Object.entries({ ...everybody, ...joined, ...changed }))
    members.set(user_id, { user_id, ...member });
  const after = [...members.values()].sort(
    (a, b) => byName.compare(a.username, b.username) || byName.compare(a.user_id, b.user_id),
  );
  return JSON.stringify(after) === JSON.stringify(before) ? before : after;
}
