import type { Answer, Audience, NotificationAction, NotifyInput, TaskLogLevel, TaskReport } from '@tidings/protocol';

/** The question of a handler to a person. */
export interface TaskQuestion
  extends Pick<
    NotifyInput,
    'title' | 'message' | 'notification_type' | 'category' | 'data' | 'expires_at' | 'callback_url'
  > {
  /**
   * Names the question among those of the task: after a restart the one that was asked under it goes on, or its answer is taken.
   * Default: made of what it says.
   */
  id?: string;
  /** The people who may answer; the first answer counts. Default: the task's owner. */
  to?: Audience;
  /** One to five buttons. */
  actions: NotificationAction[];
}

/** The argument of a handler. */
export interface TaskContext<Input = unknown> {
  taskId: string;
  input: Input;
  /** Counted from 1; a task that was interrupted by a restart is run again. */
  attempt: number;
  owner: string | null;
  /** Aborted when the task is to stop: its owner cancelled it, or the process stops. */
  signal: AbortSignal;
  /**
   * Reports how far it has come; resolves when that is stored. It need not be awaited: a refusal that nobody listens to is
   * logged.
   */
  progress(
    report: Pick<TaskReport, 'message' | 'progress' | 'step' | 'step_number' | 'total_steps' | 'data'>,
  ): Promise<void>;
  /**
   * Adds a line to the log of the task, which those who may read the task follow. Lines and chunks keep their order. Resolves when it is stored; it
   * need not be awaited, as `progress`. Text of at most 64 KiB, without NUL. It may be called until the handler has ended, after an abort too.
   * @throws TidingsError `payload_too_large`, `bad_request`; `conflict` where the run is over
   */
  log(line: string, options?: { level?: TaskLogLevel }): Promise<void>;
  /** The same for a part of a text that goes on with the next chunk, of any length, as the output of a program or of a language model comes. */
  stream(chunk: string, options?: { level?: TaskLogLevel }): Promise<void>;
  /**
   * Asks by a notification with buttons that follows the task, which is `waiting` meanwhile and takes no other's turn. Survives
   * restarts: run again, the handler gets the answer that was given meanwhile, or waits on for the same question.
   * @throws TidingsError `conflict` if the question expires or is retracted; the signal's reason if the task is to stop
   */
  ask(question: TaskQuestion): Promise<Answer>;
}

/**
 * Does the work; what it returns is the task's result, and what it throws, its error: once cancelled, its last message. The task's
 * owner, administrators and back ends may have it tried again, unless what is thrown has `retryable: false`. A result is JSON of at most
 * 256 KiB (`maxDataBytes`); any other fails the task, for good, since its work has been done.
 */
export type TaskHandler<Input = never> = (context: TaskContext<Input>) => Promise<unknown> | unknown;
