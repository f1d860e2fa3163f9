import type { Telemetry } from './events.ts';

/** The same sink; where it throws, or its promise rejects, whoever emits goes on. Told once, as a warning of the process. */
export function safe(sink: Telemetry): Telemetry {
  let isTold = false;
  const tell = (): void => {
    if (isTold) return;
    isTold = true;
    process.emitWarning('the telemetry sink failed; what it is told may be missing from its log', 'TidingsWarning');
  };
  return {
    emit(event) {
      try {
        const emitted: unknown = sink.emit(event);
        if (emitted instanceof Promise) emitted.catch(tell);
      } catch {
        tell();
      }
    },
  };
}
