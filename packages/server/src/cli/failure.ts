import { TidingsError } from '@tidings/protocol';
import { CommanderError } from 'commander';

/** The exit codes: done, refused by the server, wrong usage. */
export const exitCodes = { accepted: 0, failed: 1, usage: 2 } as const;

/** A failure as one sentence, with its exit code. */
export interface CliFailure {
  code: string;
  message: string;
  exitCode: number;
}

/** The failure for any error of a command. `bad_request` means that its arguments or settings are wrong. */
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
