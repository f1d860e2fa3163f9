import {
  type ClientAction,
  type RoomEvent,
  type RoomEventPage,
  type ServerFrame,
  TidingsError,
} from '@tidings/protocol';
import type { ClientParts, TidingsClient } from '../../client.ts';
import { InboxStore } from '../../inbox.ts';
import { type Clock, settingsOf } from '../../options.ts';
import { InboxRecords } from '../../records/inbox-records.ts';
import type { ActionRequest, Reply } from '../../requests.ts';
import type { ClientState } from '../../state.ts';
import { actOnTask, type TaskBoard, type TaskFrame, type TaskView } from '../../tasks.ts';
import { InboxServer, type NoticeDraft } from '../../testing/inbox-server.ts';

type Handler = (value: never) => void;

class Listeners {
  readonly #handlers = new Set<Handler>();

  add(handler: Handler): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  emit(value?: unknown): void {
    for (const handler of this.#handlers) handler(value as never);
  }

  get count(): number {
    return this.#handlers.size;
  }
}

/** Changes are emitted with the next frame drawn, since the clock of these tests stands still; longer pauses are over when it has moved on. */
const frames: Clock = {
  now: Date.now,
  after(ms, run) {
    if (ms >= 1_000) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    }
    const frame = requestAnimationFrame(() => run());
    return () => cancelAnimationFrame(frame);
  },
};

/** A frame as a test writes it: the envelope's members are filled in. */
export type FrameDraft = NoticeDraft & { replayed?: true; snapshot?: true };

/** An event of a room as a test writes it. */
export type RoomDraft = Partial<RoomEvent> & { event: string };

/** The client's interface without a network: its own inbox in front of a server in memory. What is asked for is kept in `calls`. */
export class FakeClient implements TidingsClient {
  state: ClientState = {
    status: 'connected',
    reason: null,
    attempt: 0,
    retryAt: null,
    user: { id: '42', username: 'amadmin', roles: [] },
  };
  /** The calls to this client, in order: `mark_read a,b`, `cancel_task t-1`, … */
  readonly calls: string[] = [];
  /** Milliseconds by which the server's clock is ahead of this device's. */
  ahead = 0;
  /** The older events of every room. */
  roomPage: RoomEventPage = { items: [], next_before: null };
  /** Makes requests fail. */
  refusing = false;
  readonly server = new InboxServer((frame) => this.apply(frame), Date.now);
  readonly parts: ClientParts = {
    request: (action) => this.request(action),
    resume: { rev: (id): number => this.records.rev(id) ?? -1, delete() {} },
    clock: frames,
    logger: console,
    random: Math.random,
    settings: settingsOf({}),
    subscriptions: {
      add: (topic, _named, answered) => {
        this.calls.push(`subscribe ${topic}`);
        this.#answered.set(topic, answered);
        return () => this.calls.push(`unsubscribe ${topic}`);
      },
    },
  };
  readonly records: InboxRecords = new InboxRecords(this.parts);
  readonly inbox = new InboxStore(this.records);

  readonly #states = new Listeners();
  readonly #changes = new Listeners();
  readonly #frames = new Map<string, Listeners>();
  #tasks: ReadonlyMap<string, TaskView> = new Map();
  readonly #answered = new Map<string, ((error?: TidingsError) => void) | undefined>();
  #rev = 0;
  #inboxListeners = 0;
  /** Answers that a test holds back. */
  #held: (() => void)[] | null = null;

  constructor() {
    const { onChange } = this.inbox;
    this.inbox.onChange = (listener) => {
      const off = onChange.call(this.inbox, listener);
      this.#inboxListeners += 1;
      return () => {
        this.#inboxListeners -= 1;
        off();
      };
    };
    this.apply({ type: 'synced', cursor: 't:0', unread_count: 0, categories: {}, as_of: 0 });
  }

  now(): number {
    return Date.now() + this.ahead;
  }

  /** The number of handlers and listeners, to see that an element removes those that it added. */
  get listening(): number {
    const frames = [...this.#frames.values()].reduce((sum, listeners) => sum + listeners.count, 0);
    return frames + this.#states.count + this.#changes.count + this.#inboxListeners;
  }

  become(state: Partial<ClientState>): void {
    this.state = { ...this.state, ...state };
    this.#states.emit(this.state);
  }

  /** Something arrives: a notification that is published now (again, where its id is known), or another frame as it stands. */
  receive({ replayed, snapshot, ...draft }: FrameDraft): void {
    if (draft.type === 'retracted') this.server.retract(String(draft.id));
    else if (/^(task_|unread_count|synced|topic_)/.test(draft.type)) this.apply(draft as unknown as ServerFrame);
    else if (draft.id !== undefined && this.server.has(draft.id)) this.server.renew(draft.id, draft);
    else {
      const frame = this.server.publish(draft, 'later');
      this.apply({ ...frame, ...(replayed && { replayed }), ...(snapshot && { snapshot }) });
    }
  }

  apply(frame: ServerFrame): void {
    this.records.apply(frame);
    for (const type of [frame.type, '*']) this.#frames.get(type)?.emit(frame);
    this.#changes.emit();
  }

  /** The server lets this client follow a room, which has these events, oldest first; or refuses it. */
  openRoom(room: string, events: RoomDraft[], refusal?: string): void {
    if (refusal) this.#answered.get(`room:${room}`)?.(new TidingsError('not_found', refusal));
    if (refusal) return;
    this.apply({ type: 'subscribed', room });
    for (const event of events) this.inRoom(room, event, { snapshot: true });
    this.#answered.get(`room:${room}`)?.();
  }

  /** Something is sent to a room. */
  inRoom(room: string, draft: RoomDraft, marks: object = {}): void {
    this.#rev += 1;
    const id = `e${this.#rev}`;
    const timestamp = new Date().toISOString();
    const event = { type: 'room_event', id, rev: this.#rev, timestamp, room, from: null, data: {}, ...draft, ...marks };
    this.apply(event as unknown as ServerFrame);
  }

  /** A report on a task: members left out stay as they were. */
  report(id: string, report: Partial<TaskFrame> & Record<string, unknown>, remainingMs: number | null = null): void {
    this.#rev += 1;
    const base = {
      type: 'task_update',
      id: `task-${id}`,
      task_id: id,
      timestamp: new Date().toISOString(),
      data: {},
      status: 'processing',
      message: '',
      progress: 0,
      step: null,
      step_number: 0,
      total_steps: 0,
      attempt: 1,
      cancel_requested: false,
      started_at: null,
    };
    const frame = { ...base, ...this.#tasks.get(id)?.frame, ...report, rev: this.#rev } as TaskFrame;
    const ended = ['completed', 'failed', 'cancelled'].includes(frame.status);
    const view: TaskView = { id, rev: this.#rev, frame, ended, remainingMs, receivedAt: Date.now() };
    this.#tasks = new Map([...this.#tasks, [id, view]]);
    this.#changes.emit();
  }

  /** Keeps answers back from now on. */
  hold(): void {
    this.#held ??= [];
  }

  /** Gives the answers that were kept back. */
  release(): void {
    for (const answer of this.#held?.splice(0) ?? []) answer();
    this.#held = null;
  }

  readonly tasks: TaskBoard = {
    getSnapshot: () => this.#tasks,
    get: (id) => this.#tasks.get(id),
    onChange: (listener) => this.#changes.add(listener),
    cancel: (id) => actOnTask(this.records, { action: 'cancel_task', task_id: id }, { cancel_requested: true }),
    retry: (id) =>
      actOnTask(this.records, { action: 'retry_task', task_id: id }, { status: 'queued', can_retry: false }),
  };

  on(type: string, handler: Handler): () => void {
    const listeners = this.#frames.get(type) ?? new Listeners();
    this.#frames.set(type, listeners);
    return listeners.add(handler);
  }

  onState(handler: (state: ClientState) => void): () => void {
    return this.#states.add(handler);
  }

  subscribe(taskId: string): () => void {
    this.calls.push(`subscribe ${taskId}`);
    return () => this.calls.push(`unsubscribe ${taskId}`);
  }

  async connect(): Promise<void> {
    this.become({ status: 'connected', reason: null });
  }

  disconnect(): void {
    this.become({ status: 'closed' });
  }

  async request(action: ActionRequest): Promise<Reply> {
    this.calls.push(callOf(action));
    await new Promise<void>((answer) => (this.#held ? this.#held.push(answer) : answer()));
    if (this.refusing) throw new TidingsError('internal', `refused: ${action.action}`);
    if (action.action === 'cancel_task') {
      if (this.#tasks.has(action.task_id)) this.report(action.task_id, { cancel_requested: true });
      return { type: 'reply', ref: 1 };
    }
    if (action.action === 'room_events') return { type: 'reply', ref: 1, ...this.roomPage };
    if (action.action === 'retry_task') return { type: 'reply', ref: 1 };
    return { type: 'reply', ref: 1, ...this.server.act(action as ClientAction) };
  }
}

/** An action in a few words: its name, and what it is about. */
function callOf({ action, ...members }: Record<string, unknown> & { action: string }): string {
  const { limit, ...named } = members;
  const values = Object.entries(named).filter(([, value]) => value !== undefined);
  const words = values.map(([name, value]) => (/^(ids?|task_id)$/.test(name) ? String(value) : `${name}=${value}`));
  return [action, ...words].join(' ');
}
