import { docsUrl } from '@tidings/protocol';
import { CommanderError } from 'commander';
import { exitCodes, failureOf } from './failure.ts';
import { createProgram } from './program.ts';

const args = process.argv.slice(2);

// The reader of the output may stop: `tidings listen | head`. A server goes on, as its log is not its work.
process.stdout.on('error', (error: Error & { code?: string }) => {
  if (error.code !== 'EPIPE') throw error;
  if (args[0] !== 'serve' && args[0] !== 'dev') process.exit();
});

try {
  await createProgram().parseAsync(args, { from: 'user' });
} catch (error) {
  // Help and version come as errors too, and have been written.
  if (!(error instanceof CommanderError) || !/^commander\.(help|helpDisplayed|version)$/.test(error.code))
    report(error);
  else if (error.exitCode !== 0) process.exitCode = exitCodes.usage;
}

function report(error: unknown): void {
  const { code, message, exitCode } = failureOf(error);
  process.exitCode = exitCode;
  if (args.includes('--json')) {
    console.log(JSON.stringify({ ok: false, error: { code, message, docs_url: docsUrl(code) } }));
  } else console.error(`tidings: ${message}`);
}
