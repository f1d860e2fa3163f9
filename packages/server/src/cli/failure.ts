import { TidingsError } from '@tidings/protocol';
import { CommanderError } from 'commander';

/** How a command ended: as asked, not accepted, or asked in a way that cannot work. */
export const exitCodes = { accepted: 0, failed: 1, usage: 2 } as const;

/** What went wrong, as one sentence, and the exit code that goes with it. */
export interface CliFailure {
  code: string;
  message: string;
  exitCode: number;
}

/** Whatever a command threw. `bad_request` means that it was asked for what cannot be. */
export function failureOf(error: unknown): CliFailure {
  if (error instanceof TidingsError) {
    const exitCode = error.code === 'bad_request' ? exitCodes.usage : exitCodes.failed;
    return { code: error.code, message: error.message, exitCode };
  }
  if (error instanceof CommanderError) {
    const message = error.message
      .replace(/^error: /, '')
      .replace(/\s*\n\s*/g, ' ')
      .replace(/\.$/, '');
    return { code: 'bad_request', message: `${message}; see --help`, exitCode: exitCodes.usage };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message: `this failed unexpectedly: ${reason}`, exitCode: exitCodes.failed };
}
