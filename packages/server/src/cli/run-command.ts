import { docsUrl } from '@tidings/protocol';
import { CommanderError } from 'commander';
import { exitCodes, failureOf } from './failure.ts';
import { createProgram } from './program.ts';

/** Runs a command, and leaves its exit code to the process. What went wrong it says in a sentence, or in JSON where asked. */
export async function runCommand(args: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    // Help and version come as errors too, and have been written.
    if (!(error instanceof CommanderError) || !/^commander\.(help|helpDisplayed|version)$/.test(error.code))
      report(error, args);
    else if (error.exitCode !== 0) process.exitCode = exitCodes.usage;
  }
}

function report(error: unknown, args: readonly string[]): void {
  const { code, message, exitCode } = failureOf(error);
  process.exitCode = exitCode;
  if (ownFlags(args).includes('--json')) {
    console.log(JSON.stringify({ ok: false, error: { code, message, docs_url: docsUrl(code) } }));
  } else console.error(`tidings: ${message}`);
}

/** The words before `--`: those behind it belong to the program that "tidings task run" runs. */
const ownFlags = (args: readonly string[]): readonly string[] => {
  const end = args.indexOf('--');
  return end < 0 ? args : args.slice(0, end);
};
