import type { Telemetry } from './events.ts';

/** The same sink; its errors and rejections never reach who emits. The first is a warning of the process. */
export function safe(sink: Telemetry): Telemetry {
  let hasWarned = false;
  const warn = (): void => {
    if (hasWarned) return;
    hasWarned = true;
    process.emitWarning('the telemetry sink failed; events may be missing from its log', 'TidingsWarning');
  };
  return {
    emit(event) {
      try {
        const emitted: unknown = sink.emit(event);
        if (emitted instanceof Promise) emitted.catch(warn);
      } catch {
        warn();
      }
    },
  };
}
