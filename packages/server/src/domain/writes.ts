import type { RoomAccess } from './rooms.ts';

/** The kind of a record. */
type RecordKind =
  | 'canary'
  | 'notification'
  | 'retracted'
  | 'answer'
  | 'task'
  | 'receipts'
  | 'membership'
  | 'room_event'
  | 'room_state';

/**
 * One record as it stands after a commit.
 * `body` is the JSON text of its frame but for `rev`, made once, when the change is made.
 */
export interface Change {
  rev: number;
  id: string;
  kind: RecordKind;
  /** The topics that receive it: `user:42`, `role:admin`, `everyone`, `task:t1`, ... */
  topics: readonly string[];
  viewers: Viewers;
  body: string;
  /** The record's status, as of a `PutWrite`, in every change that the hub releases. */
  status?: string | null;
  /** The rev at which it last asked for attention on these topics; 0 where it never does. */
  alertRev: number;
  /** True if counts may have changed in a way that its frame does not say: it was retracted, has expired, or asks again. */
  recount: boolean;
}

/**
 * The users who alone may see a record, whatever topic they follow; null where the topic is the only condition.
 * `former` could see an earlier version, and are told that it is retracted: users, or `anyone` where it was open to all;
 * `leaving` are those of them whom this very change has shut out.
 */
export type Viewers = {
  users: readonly string[];
  former: readonly string[] | 'anyone';
  leaving: readonly string[] | 'anyone';
} | null;

/** The changes of one commit: they took the revs `from..to`, all of them, in rev order. */
export interface Batch {
  term: string;
  from: number;
  to: number;
  changes: readonly Change[];
}

/** Stores a record, new or as a new version of what is there. */
export interface PutWrite {
  op: 'put';
  id: string;
  kind: RecordKind;
  /** A topic `username:<name>` is replaced by the topic of the user who has that name, where one is known. */
  topics: readonly string[];
  viewers: Viewers;
  body: string;
  /** The domain's own JSON of the record, never sent to clients. */
  state: string | null;
  /**
   * `ask`: counts as unread, from this rev on, for all its recipients; `keep`: as it was; `never`: is in nobody's inbox.
   * On a topic that is new to a record `keep` asks.
   */
  alert: 'ask' | 'keep' | 'never';
  /** Shown, but not counted as unread any more. */
  expired: boolean;
  /** Empty for none. */
  category: string;
  /** The type of its frame, where it belongs into an inbox. */
  type: string | null;
  /** The text that a search looks into, folded. */
  search: string | null;
  /** When it is to be released, or expires: epoch milliseconds by the store's clock. */
  dueAt: number | null;
  /**
   * With `ask`: another live notification that was stored with the same collapse key is renewed in place of a new one being stored,
   * unless it is one user's alone, who has read it. The outcome then names that record, and its id stands in `body` and
   * `state`; it is neither put away nor snoozed any more.
   */
  collapse: string | null;
  /** For a notification: the task that it is linked to. */
  taskId?: string;
  /** For a notification: the record of the task that it shows, and the rev which that record must have. Else the outcome is `stale`. */
  shows?: { id: string; rev: number };
  /** For a task: the ids of all notifications that are linked to it. If others are linked, the outcome is `stale`. */
  linked?: { taskId: string; ids: readonly string[] };
  /** The rev the record must have now, null where there must be none; undefined: whatever. Else the outcome is `stale`. */
  expect?: number | null;
  /**
   * For the value of a key of a room: the most keys that the room may have. If this would be one more, the outcome is `full`. `knownRev` is
   * the rev at which the key was seen to have a value, null for none: at that rev it is one of them, and they need not be counted.
   */
  keys?: { atMost: number; knownRev: number | null };
  owner: string | null;
  /** A task's status; for a notification `scheduled`, `answered` or null; for an answer `answer`. */
  status: string | null;
  /** The application's own id of it; `mark_read` takes either. */
  externalId: string | null;
  /** When it was published, epoch milliseconds. */
  at: number;
  /**
   * The same key with the same hash again is answered `duplicate` and stores nothing. `outbox` is the row of the outbox that it
   * comes from, which is gone once it is stored, or was before. `by` is the id of another record of the same commit that uses the key: it is
   * stored only beside that.
   */
  key: { key: string; hash: string; outbox?: number; by?: string } | null;
}

/**
 * The action of a user on notifications. `return` is the server's own, for a notification whose snooze has ended: it names one at
 * a time, since its rev is the notification's new place in the list.
 */
export type Mark = 'seen' | 'read' | 'unread' | 'archive' | 'unarchive' | 'snooze' | 'unsnooze' | 'return';

/** Says what a user did with notifications. */
export interface ReceiptWrite {
  op: 'receipt';
  userId: string;
  /** Topics the user's inbox is made of. */
  topics: readonly string[];
  /** Notifications, by their ids or the application's own; those that are not in these topics are passed over. Empty with `upTo`. */
  ids: readonly string[];
  /** Marks everything up to this rev as read. */
  upTo: number | null;
  /** With `upTo`: the `next` of the write before, where that has left some. */
  after?: string;
  mark: Mark;
  /** With `snooze`: when it comes back, epoch milliseconds. */
  until: number | null;
  at: number;
}

/**
 * Gives the user what waited for the name `username`, and makes that the user's name. Where much waited the outcome has `next`: the same
 * write is to be made again. A name that is the user's id as well stays with its present owner.
 */
export interface BindWrite {
  op: 'bind';
  userId: string;
  username: string;
}

/**
 * Sets the memberships of a user from the newest evidence. Evidence older than what is stored changes nothing. Each topic that is
 * joined or left is a change for the user's sessions, at a rev of its own.
 */
export interface RightsWrite {
  op: 'rights';
  userId: string;
  roles: readonly string[];
  /** Roles' topics and everyone's. */
  topics: readonly string[];
  /** When the evidence was issued, epoch milliseconds. */
  issuedAt: number;
  /** Of a topic that is new to the user, notifications are shown that were published from this time on. Epoch milliseconds. */
  visibleFrom: number;
  at: number;
}

/** Sets the right of a user in a room. A change of it is a change for the user's sessions, at a rev of its own. */
export interface MemberWrite {
  op: 'member';
  userId: string;
  /** The topic of the room. */
  topic: string;
  /** Null ends the membership. */
  access: RoomAccess | null;
  at: number;
}

export type Write = PutWrite | ReceiptWrite | BindWrite | RightsWrite | MemberWrite;

/**
 * The outcome of one write, after the commit was fsynced. Of receipts also the number that changed, how many of them
 * were seen by it for the first time, and the ids that are in none of the user's topics. Of `upTo` the
 * record `after` which to go on, where there was more to mark than one write takes. Of a name that it is not yet bound, for the same reason.
 */
export type Outcome =
  | {
      status: 'stored';
      id: string;
      rev: number;
      collapsed?: true;
      marked?: number;
      seen?: number;
      missing?: readonly string[];
      next?: string;
    }
  | { status: 'duplicate'; id: string; rev: number }
  | { status: 'mismatch' }
  | { status: 'stale'; rev: number | null }
  | { status: 'full' }
  | { status: 'unchanged'; missing?: readonly string[]; next?: string }
  | { status: 'aborted' };
