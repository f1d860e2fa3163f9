import type { ConnectedUser, Connection, RoomPresence, SystemHealth } from '@tidings/protocol';
import type { Changes } from '../domain/changes.ts';
import type { Identity, RevocationTarget } from '../domain/identity.ts';
import type { Clock } from '../domain/ports.ts';
import type { Room, RoomAction, RoomPerson, RoomRight } from '../domain/rooms.ts';
import type { CatchUpStore, TopicStore } from '../domain/store/catch-up.ts';
import type { CommitStore } from '../domain/store/commits.ts';
import type { DocumentVersionRow, DocumentVersionStore } from '../domain/store/document-versions.ts';
import type { DocumentStore } from '../domain/store/documents.ts';
import type { HistoryStore } from '../domain/store/history.ts';
import type { CountStore, InboxStore } from '../domain/store/inbox.ts';
import type { AnswerStore, RecordStore, TaskStore } from '../domain/store/records.ts';
import type { RoomStore } from '../domain/store/rooms.ts';
import type { ScheduleStore } from '../domain/store/schedule.ts';
import type { TaskLogStore } from '../domain/store/task-logs.ts';
import type { UsernameStore, UserStore } from '../domain/store/users.ts';
import type { TaskState } from '../tasks/task.ts';
import type { TaskLogs } from '../tasks/task-logs.ts';
import type { TaskService } from '../tasks/task-service.ts';
import type { Telemetry } from '../telemetry/events.ts';

/** The parts of the server that commands use. */
export interface CommandContext {
  store: CommandStore;
  tasks: TaskService;
  taskLogs: Pick<TaskLogs, 'add'>;
  clock: Clock;
  telemetry: Telemetry;
  presence: ConnectedUsers;
  roles: RoleControl;
  rooms: RoomControl;
  documents: DocumentControl;
  sessions: SessionControl;
  runner: TaskRunner;
  watch: Changes;
  callbacks: CallbackPolicy;
  limits: WorkLimits;
  searches: SearchLimits;
  health: SystemHealthReader;
  /** The role that may read the tasks of all users, cancel and retry them, and answer for them. */
  adminRole: string;
  /** Bytes that `data` may have as JSON. */
  maxDataBytes: number;
  /** Bytes that the state of a session in a room may have as JSON. */
  presenceStateBytes: number;
  /** The most keys that the state of one room has. */
  stateKeysPerRoom: number;
  /** The most characters of the name of a version of a document. */
  versionNameLength: number;
}

type CommandStore = CommitStore &
  HistoryStore &
  RecordStore &
  (TaskStore & AnswerStore & ScheduleStore & RoomStore & DocumentVersionStore & TaskLogStore) &
  Pick<DocumentStore, 'documents'> &
  (InboxStore & CountStore & CatchUpStore & TopicStore) &
  (UserStore & UsernameStore);

/**
 * The users connected at this moment, to any node. A node that is busy is waited for. One that is silent for 5 s is missed, and is
 * then left out.
 */
export interface ConnectedUsers {
  /** For a view: waits for no node longer than 4.5 s. */
  users(): Promise<readonly ConnectedUser[]>;
  /** For what is sent to them: waits for each node until it has answered or is missed. */
  ids(): Promise<readonly string[]>;
  /** The connections of one user; with `probe` each is asked for a sign of life, and its round trip measured. */
  connections(userId: string, probe: boolean): Promise<Connection[]>;
}

/** Sets the roles of users. */
interface RoleControl {
  /** Replaces all earlier evidence of the user's roles. Resolves when it is stored. */
  set(userId: string, roles: readonly string[]): Promise<void>;
}

/** Rights in rooms, and what passes through them without being stored. */
export interface RoomControl {
  /** A user's right in a room, as of now; null for none, which is logged unless `isQuiet`. Throws `unavailable` where it is not known. */
  rightOf(user: RoomPerson, action: RoomAction, room: Room, how?: { isQuiet?: boolean }): Promise<RoomRight | null>;
  /** Sends a frame, as JSON, to those who follow a room now, on all nodes. It may be lost. */
  broadcast(topic: string, frame: string): void;
  /**
   * Sets what a session of this name says of itself in a room, JSON of an object, on whatever node its connections are. Without any it is shown
   * for some seconds. Throws `payload_too_large`.
   */
  setPresence(topic: string, session: { userId: string; username: string; name: string }, state: string): void;
  /** The users who are in a room now, on all nodes. */
  presence(topic: string): Promise<RoomPresence['items']>;
}

/** A version that somebody asks for. */
export interface VersionInput {
  name: string;
  /** null for a back end. */
  from: DocumentVersionRow['from'];
  /** The idempotency key with its scope; null for none. */
  once: string | null;
}

/** Changes shared documents, by the names of their rooms. Each throws TidingsError: `unavailable` where a document cannot be read or stored now. */
export interface DocumentControl {
  /** Makes a version of the document as it is on all nodes. Throws `payload_too_large` where there is no room for it. */
  save(document: string, version: VersionInput): Promise<DocumentVersionRow>;
  /**
   * Changes the document so that its content is that of a version. What it was before is saved as a version, for which older ones of its kind
   * are removed where there are too many. Resolves with null where nothing had to change. Throws `not_found`, and `payload_too_large` as `save`.
   */
  restore(
    document: string,
    version: string,
    from: VersionInput['from'],
  ): Promise<{ version: DocumentVersionRow; saved: DocumentVersionRow; removed: string[] } | null>;
  /** Gives a version a name, which makes it a named one. Resolves with false if there is none. */
  rename(document: string, version: string, name: string): Promise<boolean>;
  /** Deletes a version. Resolves with false if there is none. */
  removeVersion(document: string, version: string): Promise<boolean>;
  /** Deletes the document with its versions, and ends its connections for good. Resolves with false if there was nothing to delete. */
  remove(document: string): Promise<boolean>;
  /** The content of a state of a document as JSON, by the names of the types at its top. Throws `payload_too_large` where it is too large as that. */
  contentOf(document: string, state: Uint8Array): Promise<Record<string, unknown>>;
}

/** Ends sessions. Each resolves, when it is stored, with how many sessions ended on this node; others follow within 2 s. */
interface SessionControl {
  /** Ends a user's sessions, or one of them; nothing keeps the user from coming again. */
  disconnect(userId: string, sessionId: string | null, reason: string): Promise<number>;
  /** Refuses tokens from now on, and ends the sessions that came with them. */
  revoke(target: RevocationTarget, reason: string): Promise<number>;
}

/** Runs tasks in this process. */
interface TaskRunner {
  /** Asks the handler of a task to stop; true if it runs in this process. */
  cancel(taskId: string): boolean;
  /** Runs a task that is stored as queued, when there is room. */
  enqueue(task: Pick<TaskState, 'task_id' | 'name'>): void;
}

/** Decides where answers may be posted to. */
interface CallbackPolicy {
  /** Throws `bad_request` for an address that nothing may be posted to. */
  check(url: string): void;
}

/** The health of this server. */
interface SystemHealthReader {
  /** Asks the other nodes, and waits 2 s for them at most. */
  read(): Promise<SystemHealth>;
}

/** Bounds the work that is done for one user. */
interface WorkLimits {
  /** Takes units of work from the user's budget: an id to mark is one. Throws `too_many` where it is spent. */
  work(userId: string, units: number): void;
  /** Takes units of work that has been done. */
  workDone(userId: string, units: number): void;
}

/** Bounds the searches that run at once. */
interface SearchLimits {
  /** Runs a search of a user when its turn comes. Throws `too_many` for too many of one user, `unavailable` for one that takes too long. */
  run<T>(userId: string, search: () => Promise<T>): Promise<T>;
  /** Reads a page of a list of a user when its turn comes. */
  page<T>(userId: string, read: () => Promise<T>): Promise<T>;
}

/** A back end, known by its API key, or the process that embeds the server. */
export interface BackEnd {
  kind: 'back_end';
  /** Scope of its idempotency keys. */
  scope: string;
}

/** A person, on whatever transport. */
export interface Person {
  kind: 'person';
  identity: Identity;
  /** The person's connection, which stays open; null on HTTP. */
  connection: ActionConnection | null;
}

/** A connection on which actions come, as commands use it. */
export interface ActionConnection {
  /**
   * Subscribes to a topic; `answer` comes before what there is of it, `done` behind; a failure is answered to `ref`. Without `isPresent` the session is
   * neither shown in a room nor sent who is there. With `logAfter` the log of a task is followed too, behind that entry.
   */
  subscribe(
    topic: string,
    answer: object,
    then: { done: () => void; ref: unknown; isPresent: boolean; logAfter: number | null },
  ): void;
  /** Ends a subscription; steps take effect in the order asked. */
  unsubscribe(topic: string, done: () => void): void;
  /** Sets the state of the session in a room, JSON of an object, after the subscriptions that were asked for before. Throws `not_found` if it does not follow the room. */
  setPresence(topic: string, state: string): Promise<void>;
  /** Takes a new token for the same user. Throws TidingsError. */
  renew(token: string): Promise<Identity>;
  /** The rev up to which everything was sent. */
  sentUpTo(): number;
  reply(ref: unknown, result: object): void;
  send(frame: object): void;
}
