import type { FrameMap, FrameType, ServerFrame } from '@tidings/protocol';
import type { CustomFrame } from './handlers.ts';
import type { Inbox } from './inbox.ts';
import type { Settings, TokenSource } from './options.ts';
import type { RecordParts } from './records/inbox-records.ts';
import type { ActionRequest, Reply } from './requests.ts';
import type { ClientState } from './state.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { TaskBoard } from './tasks.ts';

export type { ClientReason, ClientState, ClientStatus, ClientUser, ReasonCode } from './state.ts';

/** The parts of a client that further ones build on. */
export interface ClientParts extends RecordParts {
  readonly subscriptions: Pick<Subscriptions, 'add'>;
  readonly random: () => number;
  /** Members of the next connection's address, beside what it resumes from: those of the settings, and others of its own. */
  query?: Settings['query'];
  /** With the source of the token that is in use. */
  readonly settings: Readonly<Settings>;
}

export interface TidingsClient {
  readonly state: ClientState;

  /**
   * Connects, and from then on reconnects by itself. Without a token the cookie (or, with `tidings dev`, the `query`) says who this is.
   * Resolves when caught up. Rejects with a `TidingsError` only when the server refuses for good, the attempts are used up, or
   * `disconnect()` is called before; `state` says the same, so that nobody has to await this. Called while connected it resolves
   * at once; with another token than before it reconnects with that one. Where the server then names another user, all that was kept of the
   * one before is dropped first: inbox, tasks, what `subscribe` and `request` asked for before this call (its promises reject).
   */
  connect(token?: TokenSource): Promise<void>;
  /** Closes the connection and stops reconnecting. What was received is kept, and `connect()` resumes from there. */
  disconnect(): void;

  /**
   * Calls the handler with each frame of this type, once, in order; `*` is every frame. A handler that throws, or rejects, stops nobody
   * else; it is logged.
   *
   * @returns what takes the handler off again
   */
  on<T extends FrameType>(type: T, handler: (frame: FrameMap[T]) => void): () => void;
  on(type: '*', handler: (frame: ServerFrame) => void): () => void;
  on(type: string, handler: (frame: CustomFrame) => void): () => void;

  /** Calls the handler at each change of `state`. @returns what takes the handler off again */
  onState(handler: (state: ClientState) => void): () => void;

  /**
   * Follows a task, through reconnections, until the returned function is called as often as `subscribe` was for it.
   * May be called before connecting, and before the task's first report.
   */
  subscribe(taskId: string): () => void;

  /**
   * Sends an action and resolves with the server's reply. Waits for a connection if there is none, and sends again what a lost
   * connection left unanswered, except `send`, `answer_task` and `retry_task`, which could then happen twice. Sends no faster than a
   * server takes it: 150 at once, then 45 a second; and again what is past a limit of the server, when it says.
   *
   * @throws TidingsError `payload_too_large`, before it is sent, where the action has more than 64 KiB of JSON
   * @throws TidingsError `too_many`, with `retry_after_ms`, where the server says to wait for more than a minute
   * @throws TidingsError with the server's code; `unavailable` if the client is closed, or the connection went before the answer came
   */
  request(action: ActionRequest): Promise<Reply>;

  /**
   * The server's time in milliseconds since 1970, as far as this device knows it: its own clock, corrected by what the server said on
   * connecting. What a snooze, an estimate or "5 minutes ago" is computed from.
   */
  now(): number;

  /** Makes the rooms of `@tidings/client/room`, the versions of `@tidings/client/document`, and reads the health of `@tidings/client/health`. */
  readonly parts: ClientParts;
  readonly inbox: Inbox;
  readonly tasks: TaskBoard;
}
