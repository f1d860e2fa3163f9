import { runCommand } from './run-command.ts';

const args = process.argv.slice(2);

// The reader of the output may stop: `tidings listen | head`. A server goes on, as its log is not its work.
process.stdout.on('error', (error: Error & { code?: string }) => {
  if (error.code !== 'EPIPE') throw error;
  if (args[0] !== 'serve' && args[0] !== 'dev') process.exit();
});

await runCommand(args);
