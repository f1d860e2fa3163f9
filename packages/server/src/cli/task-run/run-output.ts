import { TidingsError } from '@tidings/protocol';
import type { TaskReport } from '@tidings/sender';
import type { ProgramEnd } from './child-program.ts';
import { LastLines, plainText, shortText } from './last-lines.ts';
import { readMarker } from './markers.ts';

export interface RunOutputOptions {
  /** True: all lines are text, and none is read as a marker. */
  isPlain: boolean;
  /** Called with the progress that a line reports. */
  onProgress(progress: TaskReport): void;
  /** Called with each line that is no marker. */
  onText(text: string, from: 'stdout' | 'stderr'): void;
  /** Called with what is wrong with a marker. */
  onFault(message: string): void;
}

/** The output of a program, and what it says of its task: progress, result, and reason of a failure. */
export class RunOutput {
  readonly #options: RunOutputOptions;
  readonly #last = { stdout: new LastLines(), stderr: new LastLines() };
  #result: unknown = null;

  constructor(options: RunOutputOptions) {
    this.#options = options;
  }

  readonly add = (line: string, from: 'stdout' | 'stderr', isRest: boolean): void => {
    const text = plainText(line);
    const marker = this.#options.isPlain || isRest ? ({ kind: 'text', text } as const) : this.#marker(text);
    if (marker === null) return;
    if (marker.kind === 'result') this.#result = marker.result;
    else if (marker.kind === 'text') this.#addText(marker.text, from);
    else this.#options.onProgress(progressOf(marker));
  };

  /** The report of the end of the task. */
  endOf({ code, signal }: ProgramEnd): TaskReport {
    if (code === 0) return { status: 'completed', result: this.#result };
    const reason = signal ? `Ended by ${signal}` : `Ended with exit code ${code}`;
    const lines = String(this.#last.stderr) || String(this.#last.stdout);
    return { status: 'failed', error: [reason, lines].filter(Boolean).join('\n') };
  }

  /** The report of the end of a task that was cancelled. */
  cancelledBy(reason: string): TaskReport {
    const { last } = this.#last.stdout;
    return { status: 'cancelled', message: [reason, last].filter(Boolean).join(': ') };
  }

  #addText(text: string, from: 'stdout' | 'stderr'): void {
    this.#options.onText(text, from);
    this.#last[from].add(text);
    if (from === 'stdout' && text.trim() !== '') this.#options.onProgress({ message: shortText(text) });
  }

  #marker(text: string): ReturnType<typeof readMarker> | null {
    try {
      return readMarker(text);
    } catch (error) {
      if (!(error instanceof TidingsError)) throw error;
      this.#options.onFault(error.message);
      return null;
    }
  }
}

type Progress = Exclude<ReturnType<typeof readMarker>, { kind: 'text' } | { kind: 'result' }>;

function progressOf(marker: Progress): TaskReport {
  if (marker.kind === 'step') {
    const { step_number, total_steps, step } = marker;
    return {
      step_number,
      step: step.slice(0, 500).toWellFormed(),
      ...(total_steps === undefined ? {} : { total_steps }),
    };
  }
  const { progress, message } = marker;
  return { progress, ...(message === undefined ? {} : { message: shortText(message) }) };
}
