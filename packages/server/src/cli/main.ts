import { runCommand } from './run-command.ts';

const args = process.argv.slice(2);
const isServer = args[0] === 'serve' || args[0] === 'dev';

// The reader of the output may stop (`tidings listen | head`), or its disk be full. A server goes on, as its log is not its work.
process.stdout.on('error', (error: Error & { code?: string }) => {
  if (isServer) return;
  if (error.code === 'EPIPE') process.exit();
  console.error(`tidings: the output cannot be written: ${error.message}`);
  process.exit(1);
});
process.stderr.on('error', () => {});

await runCommand(args);
// The channel to a process manager would hold what was refused.
if (process.exitCode && process.connected) process.exit();
