import {
  type AnswerPage,
  type ConnectedUser,
  type Disconnected,
  type Disconnection,
  type DocumentDeleted,
  type DocumentPage,
  type DocumentRestored,
  type DocumentVersion,
  type DocumentVersionContent,
  type DocumentVersionPage,
  type DocumentVersionRemoved,
  type InboxFilter,
  type NotificationEdit,
  type NotificationView,
  type NotifyInput,
  type NotifyResult,
  type Revision,
  type RoomAccess,
  type RoomEventInput,
  type RoomEventPage,
  type RoomMemberPage,
  type RoomMembership,
  type RoomPresence,
  type RoomState,
  type RoomStateInput,
  type RoomStateRemovalInput,
  type RoomStateRemoved,
  type RoomStateSet,
  type ScheduledPage,
  type SentRoomEvent,
  type SystemHealth,
  type Task,
  type TaskFilter,
  type TaskLogAdded,
  type TaskLogInput,
  type TaskLogLevel,
  type TaskLogPage,
  type TaskPage,
  type TaskReport,
  type TaskStart,
  TidingsError,
  type UserConnections,
  type UserInbox,
  type UserRoles,
} from '@tidings/protocol';
import { type Clock, systemClock } from '../clock.ts';
import { type EndpointSource, endpointSource } from '../config/endpoint.ts';
import { host } from '../host/node.ts';
import type { PublishOutcome, Revocation, SenderPort, UserName, Wait } from '../port.ts';
import { type BatchItem, createBatchItem } from './batch-item.ts';
import { CallQueue } from './call-queue.ts';
import type { Change } from './change-line.ts';
import type { Failure } from './failure.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import {
  documentPath,
  notificationPath,
  pathOfUser,
  roomPath,
  segment,
  statePath,
  taskPath,
  userPath,
  versionPath,
  waitSeconds,
  withQuery,
} from './paths.ts';
import { type Outcome, PendingCall, untilSettled } from './pending-call.ts';
import * as readers from './readers.ts';
import { reportChange } from './task-report.ts';

/** Time that a server takes at most to go through a large document, ms. */
const contentWorkMs = 20_000;

export interface HttpOptions {
  /** The server's address, as `https://tidings.example.com`. Default: TIDINGS_URL, else the one in `.tidings/dev.json`. */
  url?: string;
  /** Default: TIDINGS_API_KEY, else the one in `.tidings/dev.json`. */
  apiKey?: string;
  /** Milliseconds until a call is answered, retries included. Default: 30,000. */
  timeoutMs?: number;
  retry?: {
    /** Milliseconds before the second attempt, doubled for each one after it, with jitter. Default: 100. */
    initialDelayMs?: number;
    /** Milliseconds between two attempts at most, unless the server asks for more. Default: 2,000. */
    maxDelayMs?: number;
    /** Milliseconds until an attempt without an answer is given up and made again. Default: 10,000. */
    attemptTimeoutMs?: number;
  };
  /** Default: the global `fetch`. */
  fetch?: typeof fetch;
}

const taskName = (id: string) => `task ${id}`;

function resultOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.result;
  throw outcome.error;
}

const first = (outcome: Outcome<NotifyResult[]>): PublishOutcome =>
  outcome.ok ? { ok: true, result: outcome.result[0] as NotifyResult } : outcome;

const each = (outcome: Outcome<NotifyResult[]>, count: number): PublishOutcome[] =>
  outcome.ok ? outcome.result.map((result) => ({ ok: true, result })) : Array.from({ length: count }, () => outcome);

/** A read, and the reader of its answer. */
interface Question<T> {
  path: string;
  read(body: unknown): T | null;
  /** Default: the port's own. */
  timeoutMs?: number;
  /** Default: it does not wait. */
  wait?: Wait;
}

class HttpPort implements SenderPort {
  readonly #client: HttpClient;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #queue: CallQueue;
  readonly #open = new Set<Promise<unknown>>();
  #state: 'open' | 'closed' = 'open';

  constructor(options: HttpOptions, endpoint: EndpointSource, clock: Clock) {
    const { initialDelayMs = 100, maxDelayMs = 2_000, attemptTimeoutMs = 10_000 } = options.retry ?? {};
    const client = createHttpClient({ endpoint, fetch: options.fetch, attemptTimeoutMs, clock });
    this.#clock = clock;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#client = client;
    this.#queue = new CallQueue({ client, clock, backoff: { initialDelayMs, maxDelayMs } });
  }

  async publish(
    items: readonly NotifyInput[],
    { atomic, timeoutMs = this.#timeoutMs }: { atomic: boolean; timeoutMs?: number },
  ): Promise<PublishOutcome[]> {
    this.#refuseIfClosed();
    if (!atomic) {
      const answers = items.map((item) => this.#publish('single', [item], timeoutMs));
      return (await Promise.all(answers)).map(first);
    }
    return each(await this.#publish('atomic', items, timeoutMs), items.length);
  }

  async startTask(start: TaskStart): Promise<Task> {
    const keyed = { ...start, idempotency_key: start.idempotency_key ?? host.randomId() };
    const call = { method: 'POST', path: '/tasks', body: JSON.stringify(keyed) } as const;
    const thing = start.task_id === undefined ? null : taskName(String(start.task_id));
    return this.#change(thing, { call, key: keyed.idempotency_key, read: readers.readTask });
  }

  async reportTask(taskId: string, report: TaskReport): Promise<Task> {
    // Copied, since it may be sent later, and callers may change what they handed over.
    return this.#change(taskName(taskId), reportChange(taskPath(taskId), JSON.parse(JSON.stringify(report))));
  }

  async cancelTask(taskId: string): Promise<Task> {
    const call = { method: 'POST', path: `${taskPath(taskId)}/cancel` } as const;
    return this.#change(taskName(taskId), { call, key: '', read: readers.readTask });
  }

  async retryTask(taskId: string): Promise<Task> {
    const call = { method: 'POST', path: `${taskPath(taskId)}/retry` } as const;
    return this.#change(taskName(taskId), { call, key: '', read: readers.readTask });
  }

  async getTask(taskId: string, { after, ...wait }: Wait & { after: number | null }): Promise<Task> {
    const path = withQuery(taskPath(taskId), { after, wait: waitSeconds(wait.waitMs) });
    return this.#ask({ path, read: readers.readTask, wait });
  }

  async listTasks(filter: TaskFilter): Promise<TaskPage> {
    return this.#ask({ path: withQuery('/tasks', { ...filter }), read: readers.readTasks });
  }

  async addToTaskLog(taskId: string, input: TaskLogInput): Promise<TaskLogAdded> {
    const key = input.idempotency_key ?? host.randomId();
    const body = JSON.stringify({ ...input, idempotency_key: key });
    const call = { method: 'POST', path: `${taskPath(taskId)}/log`, body } as const;
    return this.#change(taskName(taskId), { call, key, read: readers.readLogAdded });
  }

  async taskLog(taskId: string, query: { after?: number; limit?: number; level?: TaskLogLevel }): Promise<TaskLogPage> {
    return this.#ask({ path: withQuery(`${taskPath(taskId)}/log`, query), read: readers.readLogPage });
  }

  async editNotification(id: string, change: NotificationEdit): Promise<Revision> {
    const call = { method: 'PATCH', path: notificationPath(id), body: JSON.stringify(change) } as const;
    return this.#change(`notification ${id}`, { call, key: '', read: readers.readRevision });
  }

  async retractNotification(id: string): Promise<Revision> {
    const call = { method: 'DELETE', path: notificationPath(id) } as const;
    return this.#change(`notification ${id}`, { call, key: '', read: readers.readRevision });
  }

  async cancelNotification(id: string): Promise<Revision> {
    const call = { method: 'DELETE', path: withQuery(notificationPath(id), { status: 'scheduled' }) } as const;
    return this.#change(`notification ${id}`, { call, key: '', read: readers.readRevision });
  }

  async getNotification(id: string, wait: Wait): Promise<NotificationView> {
    const path = withQuery(notificationPath(id), { wait: waitSeconds(wait.waitMs) });
    return this.#ask({ path, read: readers.readView, wait });
  }

  async scheduledNotifications(query: { before?: string; limit?: number }): Promise<ScheduledPage> {
    const path = withQuery('/notifications', { status: 'scheduled', ...query });
    return this.#ask({ path, read: readers.readScheduled });
  }

  async answers({ after, limit, ...wait }: { after: number | null; limit: number } & Wait): Promise<AnswerPage> {
    const path = withQuery('/answers', { after, limit, wait: waitSeconds(wait.waitMs) });
    return this.#ask({ path, read: readers.readAnswers, wait });
  }

  async connectedUsers({ timeoutMs }: { timeoutMs: number }): Promise<ConnectedUser[]> {
    return this.#ask({ path: '/connections', read: readers.readUsers, timeoutMs });
  }

  async connectionsOf(
    user: UserName,
    { probe, timeoutMs }: { probe: boolean; timeoutMs?: number },
  ): Promise<UserConnections> {
    const { id, by } = pathOfUser(user);
    const path = withQuery(`${id}/connections`, { by, probe: probe || null });
    return this.#ask({ path, read: readers.readConnections, timeoutMs });
  }

  async systemHealth({ timeoutMs }: { timeoutMs?: number } = {}): Promise<SystemHealth> {
    return this.#ask({ path: '/health', read: readers.readHealth, timeoutMs });
  }

  async inboxOf(user: UserName, filter: InboxFilter): Promise<UserInbox> {
    const { id, by } = pathOfUser(user);
    return this.#ask({ path: withQuery(`${id}/inbox`, { by, ...filter }), read: readers.readInbox });
  }

  async setRoles(userId: string, roles: readonly string[]): Promise<UserRoles> {
    const call = { method: 'PUT', path: `${userPath(userId)}/roles`, body: JSON.stringify({ roles }) } as const;
    return this.#change(`user ${userId}`, { call, key: '', read: readers.readRoles });
  }

  async disconnect(userId: string, which: Disconnection): Promise<Disconnected> {
    const call = { method: 'POST', path: `${userPath(userId)}/disconnect`, body: JSON.stringify(which) } as const;
    return this.#change(`user ${userId}`, { call, key: '', read: readers.readDisconnected });
  }

  async revoke(whose: Revocation): Promise<Disconnected> {
    const call = { method: 'POST', path: '/tokens/revoke', body: JSON.stringify(whose) } as const;
    return this.#change(null, { call, key: '', read: readers.readDisconnected });
  }

  async sendRoomEvent(room: string, event: RoomEventInput): Promise<SentRoomEvent> {
    const key = event.ephemeral ? '' : (event.idempotency_key ?? host.randomId());
    const body = JSON.stringify(key === '' ? event : { ...event, idempotency_key: key });
    const call = { method: 'POST', path: `${roomPath(room)}/events`, body } as const;
    return this.#change(`room ${room}`, { call, key, read: readers.readSentEvent });
  }

  async setRoomMember(room: string, userId: string, access: RoomAccess): Promise<RoomMembership> {
    const path = `${roomPath(room)}/members/${segment(userId, 'userId')}`;
    const call = { method: 'PUT', path, body: JSON.stringify({ access }) } as const;
    return this.#change(`room ${room}`, { call, key: '', read: readers.readRoomMembership });
  }

  async removeRoomMember(room: string, userId: string): Promise<RoomMembership> {
    const path = `${roomPath(room)}/members/${segment(userId, 'userId')}`;
    const call = { method: 'DELETE', path } as const;
    return this.#change(`room ${room}`, { call, key: '', read: readers.readRoomMembership });
  }

  async roomEvents(room: string, page: { before?: number; limit?: number }): Promise<RoomEventPage> {
    return this.#ask({ path: withQuery(`${roomPath(room)}/events`, page), read: readers.readRoomEvents });
  }

  async roomMembers(room: string, page: { after?: string; limit?: number }): Promise<RoomMemberPage> {
    return this.#ask({ path: withQuery(`${roomPath(room)}/members`, page), read: readers.readRoomMembers });
  }

  async roomPresence(room: string): Promise<RoomPresence> {
    return this.#ask({ path: `${roomPath(room)}/presence`, read: readers.readRoomPresence });
  }

  async roomState(room: string): Promise<RoomState> {
    return this.#ask({ path: `${roomPath(room)}/state`, read: readers.readRoomState });
  }

  async setRoomState(room: string, key: string, input: RoomStateInput): Promise<RoomStateSet> {
    const once = input.idempotency_key ?? host.randomId();
    const body = JSON.stringify({ ...input, idempotency_key: once });
    const call = { method: 'PUT', path: statePath(room, key), body } as const;
    return this.#change(`room ${room}`, { call, key: once, read: readers.readRoomStateSet });
  }

  async removeRoomState(room: string, key: string, input: RoomStateRemovalInput): Promise<RoomStateRemoved> {
    const once = input.idempotency_key ?? host.randomId();
    const path = withQuery(statePath(room, key), { if_rev: input.if_rev, idempotency_key: once });
    const call = { method: 'DELETE', path } as const;
    return this.#change(`room ${room}`, { call, key: once, read: readers.readRoomStateRemoved });
  }

  async saveDocumentVersion(room: string, input: { name: string; idempotency_key?: string }): Promise<DocumentVersion> {
    const key = input.idempotency_key ?? host.randomId();
    const body = JSON.stringify({ ...input, idempotency_key: key });
    const call = { method: 'POST', path: `${documentPath(room)}/versions`, body } as const;
    return this.#change(`room ${room}`, { call, key, read: readers.readVersion });
  }

  async documents(page: { after?: string; limit?: number }): Promise<DocumentPage> {
    return this.#ask({ path: withQuery('/documents', page), read: readers.readDocuments });
  }

  async documentVersions(room: string, page: { before?: string; limit?: number }): Promise<DocumentVersionPage> {
    return this.#ask({ path: withQuery(`${documentPath(room)}/versions`, page), read: readers.readVersions });
  }

  async documentVersion(room: string, id: string, as: 'json' | 'update'): Promise<DocumentVersionContent> {
    const wait = { waitMs: contentWorkMs };
    return this.#ask({ path: withQuery(versionPath(room, id), { as }), read: readers.readVersion, wait });
  }

  async renameDocumentVersion(room: string, id: string, name: string): Promise<DocumentVersion> {
    const call = { method: 'PATCH', path: versionPath(room, id), body: JSON.stringify({ name }) } as const;
    return this.#change(`room ${room}`, { call, key: '', read: readers.readVersion });
  }

  async removeDocumentVersion(room: string, id: string): Promise<DocumentVersionRemoved> {
    const call = { method: 'DELETE', path: versionPath(room, id) } as const;
    return this.#change(`room ${room}`, { call, key: '', read: readers.readVersionRemoved });
  }

  async restoreDocumentVersion(room: string, id: string): Promise<DocumentRestored> {
    const call = { method: 'POST', path: `${versionPath(room, id)}/restore`, waitMs: contentWorkMs } as const;
    return this.#change(`room ${room}`, { call, key: '', read: readers.readRestored });
  }

  async deleteDocument(room: string): Promise<DocumentDeleted> {
    const call = { method: 'DELETE', path: documentPath(room) } as const;
    return this.#change(`room ${room}`, { call, key: '', read: readers.readDocumentDeleted });
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#queue.flush();
    await Promise.all(this.#open);
  }

  #publish(
    kind: BatchItem['kind'],
    inputs: readonly NotifyInput[],
    timeoutMs: number,
  ): Promise<Outcome<NotifyResult[]>> {
    const lastFailure = () => this.#queue.lastFailure;
    const item = createBatchItem(kind, inputs, { clock: this.#clock, timeoutMs, newKey: host.randomId, lastFailure });
    this.#queue.addItem(item);
    return this.#track(item.pending.promise);
  }

  async #change<T>(thing: string | null, change: Change<T>): Promise<T> {
    this.#refuseIfClosed();
    const lastFailure = () => this.#queue.lastFailureOf(thing);
    const pending = this.#pending<unknown>(this.#timeoutMs + (change.call.waitMs ?? 0), change.key, lastFailure);
    this.#queue.addChange(thing, { change, pending });
    return resultOf(await this.#track(pending.promise)) as T;
  }

  /** A question is asked once: its caller can ask again. */
  async #ask<T>({ path, read, timeoutMs = this.#timeoutMs, wait = { waitMs: 0 } }: Question<T>): Promise<T> {
    this.#refuseIfClosed();
    const { waitMs, signal } = wait;
    const pending = this.#pending<T>(timeoutMs + waitMs, '', () => null);
    const abandon = () => pending.refuse(new TidingsError('timeout', 'nobody waits for this answer any more'));
    signal?.addEventListener('abort', abandon, { once: true });
    void pending.promise.then(() => signal?.removeEventListener('abort', abandon));
    pending.sent();
    const answer = await this.#client.attempt({ method: 'GET', path, waitMs }, read, untilSettled([pending]));
    if (answer.ok) pending.succeed(answer.value);
    else pending.refuse(answer.failure.error);
    return resultOf(await pending.promise);
  }

  #pending<T>(timeoutMs: number, key: string, lastFailure: () => Failure | null): PendingCall<T> {
    return new PendingCall<T>({ clock: this.#clock, timeoutMs, key, lastFailure });
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    this.#open.add(promise);
    void promise.then(() => this.#open.delete(promise));
    return promise;
  }

  #refuseIfClosed(): void {
    if (this.#state === 'open') return;
    throw new TidingsError('unavailable', 'this sender is closed: create another, or close it after the last call', {
      retryable: false,
    });
  }
}

/** Sends over HTTP, in batches, with retries. Where no server is configured, the first call rejects. */
export function httpPort(
  options: HttpOptions = {},
  endpoint: EndpointSource = endpointSource(options),
  clock: Clock = systemClock,
): SenderPort {
  return new HttpPort(options, endpoint, clock);
}
