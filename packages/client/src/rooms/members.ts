/** A user who is in a room now, with what each of their sessions has said there. */
export interface PresentMember {
  user_id: string;
  username: string;
  /** By session id: what it said by `setPresence()`, or `{}`. */
  sessions: Readonly<Record<string, Record<string, unknown>>>;
}

type Members = Record<string, Omit<PresentMember, 'user_id'>>;

/** A frame `presence`: everybody, or a difference with each member whole. */
export interface PresenceFrame {
  type: 'presence';
  room: string;
  state?: Members;
  joined?: Members;
  changed?: Members;
  left?: string[];
}

const byName = new Intl.Collator();

/** The members after a frame, by name; the same array if nothing changed. */
export function membersAfter(
  before: readonly PresentMember[],
  { state, joined, changed, left = [] }: PresenceFrame,
): readonly PresentMember[] {
  const members = new Map((state ? [] : before).map((member) => [member.user_id, member]));
  for (const user_id of left) members.delete(user_id);
  for (const [user_id, member] of Object.entries({ ...state, ...joined, ...changed }))
    members.set(user_id, { user_id, ...member });
  const after = [...members.values()].sort(
    (a, b) => byName.compare(a.username, b.username) || byName.compare(a.user_id, b.user_id),
  );
  return JSON.stringify(after) === JSON.stringify(before) ? before : after;
}
