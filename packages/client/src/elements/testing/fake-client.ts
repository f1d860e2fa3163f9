import { isDurable, type ServerFrame } from '@tidings/protocol';
import type { TidingsClient } from '../../client.ts';
import type { Inbox, InboxFrame, InboxItem, InboxSnapshot } from '../../inbox.ts';
import type { ClientState } from '../../state.ts';
import type { TaskBoard, TaskFrame, TaskView } from '../../tasks.ts';

type Handler = (value: never) => void;

class Listeners {
  readonly #handlers = new Set<Handler>();

  add(handler: Handler): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  tell(value?: unknown): void {
    for (const handler of this.#handlers) handler(value as never);
  }

  get count(): number {
    return this.#handlers.size;
  }
}

/** A frame as a test writes it: the envelope's members are filled in. */
export type FrameDraft = { type: string; id?: string; rev?: number } & Record<string, unknown>;

/** The client's interface without a server: frames come from `receive`, and what the elements ask is kept in `calls`. */
export class FakeClient implements TidingsClient {
  state: ClientState = {
    status: 'connected',
    reason: null,
    attempt: 0,
    retryAt: null,
    user: { id: '42', username: 'amadmin', roles: [] },
  };
  /** What was asked, in order: `markRead a,b`, `cancel t-1`, … */
  readonly calls: string[] = [];
  /** Makes the next request fail. */
  refusing = false;

  readonly #states = new Listeners();
  readonly #changes = new Listeners();
  readonly #frames = new Map<string, Listeners>();
  #snapshot: InboxSnapshot = { items: [], unreadCount: 0, status: 'ready', hasMore: false };
  #tasks: ReadonlyMap<string, TaskView> = new Map();
  #rev = 0;

  /** How many handlers and listeners are on, to see that an element takes off what it put on. */
  get listening(): number {
    const frames = [...this.#frames.values()].reduce((sum, listeners) => sum + listeners.count, 0);
    return frames + this.#states.count + this.#changes.count;
  }

  become(state: Partial<ClientState>): void {
    this.state = { ...this.state, ...state };
    this.#states.tell(this.state);
  }

  receive(draft: FrameDraft): void {
    this.#rev += 1;
    const frame = {
      id: `n-${this.#rev}`,
      rev: this.#rev,
      timestamp: new Date().toISOString(),
      data: {},
      ...draft,
    } as unknown as ServerFrame;
    if (isDurable(frame) && !/^(task_|retracted)/.test(frame.type)) this.#keep(frame as InboxFrame);
    for (const type of [frame.type, '*']) this.#frames.get(type)?.tell(frame);
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
    this.#changes.tell();
  }

  /** Sets the list as a server would have it. */
  show(snapshot: Partial<InboxSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...snapshot };
    this.#changes.tell();
  }

  readonly inbox: Inbox = {
    getSnapshot: () => this.#snapshot,
    onChange: (listener) => this.#changes.add(listener),
    markRead: (ids) => {
      const wanted = typeof ids === 'string' ? [ids] : ids;
      return this.#ask(`markRead ${wanted.join()}`, () => this.#read((item) => wanted.includes(item.id)));
    },
    markAllRead: () => this.#ask('markAllRead', () => this.#read(() => true)),
    loadMore: () => this.#ask('loadMore', () => this.show({ hasMore: false })),
  };

  readonly tasks: TaskBoard = {
    getSnapshot: () => this.#tasks,
    get: (id) => this.#tasks.get(id),
    onChange: (listener) => this.#changes.add(listener),
    cancel: (id) => this.#ask(`cancel ${id}`, () => this.report(id, { cancel_requested: true })),
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

  async request(): Promise<never> {
    throw new Error('The fake client has no server to ask.');
  }

  #keep(frame: InboxFrame): void {
    const known = this.#snapshot.items.find((item) => item.id === frame.id);
    const others = this.#snapshot.items.filter((item) => item !== known);
    const items = [{ id: frame.id, rev: frame.rev, frame, read: known?.read ?? false }, ...others];
    this.show({ items, unreadCount: items.filter((item) => !item.read).length });
  }

  #read(wanted: (item: InboxItem) => boolean): void {
    const items = this.#snapshot.items.map((item) => (wanted(item) ? { ...item, read: true } : item));
    this.show({ items, unreadCount: items.filter((item) => !item.read).length });
  }

  async #ask(call: string, done: () => void): Promise<void> {
    this.calls.push(call);
    if (this.refusing) throw new Error(`Refused: ${call}`);
    done();
  }
}
