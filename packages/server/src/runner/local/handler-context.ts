import { OptionalPromise, reasonOf } from '@tidings/protocol';
import type { TaskService } from '../../tasks/task-service.ts';
import type { Telemetry } from '../../telemetry/events.ts';
import type { InputReaders } from '../input-readers.ts';
import type { TaskContext } from '../task-context.ts';
import type { Asking, Attempt } from './asking.ts';

interface ContextParts {
  tasks: TaskService;
  read: InputReaders;
  telemetry: Telemetry;
}

/** The context that a handler is given. It need not await what it reports and asks: the first refusal of a run is emitted to telemetry. */
export function contextOf(
  input: unknown,
  { claim: { state }, signal, untilStored, log }: Attempt,
  asking: Asking,
  { tasks, read, telemetry }: ContextParts,
): TaskContext {
  const { task_id: taskId, attempt, owner } = state;
  let isReported = false;
  const optional = <T>(call: 'progress' | 'ask' | 'log' | 'stream', promise: Promise<T>): Promise<T> =>
    OptionalPromise.of(promise, (error) => {
      if (!isReported) telemetry.emit({ type: 'task_call_refused', task: taskId, call, reason: reasonOf(error) });
      isReported = true;
    });
  const progress = async (report: unknown): Promise<void> => {
    signal.throwIfAborted();
    const known = { ...read.progress(report), attempt };
    await untilStored(() => tasks.report(taskId, known));
  };
  return {
    ...{ taskId, attempt, owner, signal, input },
    progress: (report) => optional('progress', progress(report)),
    log: (line, options) => optional('log', log.line(line, options)),
    stream: (chunk, options) => optional('stream', log.chunk(chunk, options)),
    ask: (question) => optional('ask', asking.ask(question)),
  };
}
