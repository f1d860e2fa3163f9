import { runCommand } from './run-command.ts';

const args = process.argv.slice(2);
const goesOn = /^(serve|dev|task run)$/.test(args.slice(0, args[0] === 'task' ? 2 : 1).join(' '));

// The reader of the output may stop (`tidings listen | head`), or its disk be full. A server goes on, as its log is not its work,
// and so does a program that is run as a task.
process.stdout.on('error', (error: Error & { code?: string }) => {
  if (goesOn) return;
  if (error.code === 'EPIPE') process.exit();
  console.error(`tidings: the output cannot be written: ${error.message}`);
  process.exit(1);
});
process.stderr.on('error', () => {});

await runCommand(args);
// The channel to a process manager would hold what was refused.
if (process.exitCode && process.connected) process.exit();
