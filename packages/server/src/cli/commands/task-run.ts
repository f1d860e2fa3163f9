import { createSender, type Sender } from '@tidings/sender';
import type { Command } from 'commander';
import { systemClock } from '../../jobs/system-clock.ts';
import { parseDuration } from '../duration.ts';
import { exitCodes, failureOf } from '../failure.ts';
import { type BegunTask, beginTask } from '../task-run/begin-task.ts';
import { runExitCodes, runProgram } from '../task-run/run-program.ts';
import { Signals } from '../task-run/signals.ts';
import { oneLine } from '../text.ts';
import { byId, userOf } from '../user.ts';

interface Flags {
  owner: string;
  followBy?: string[];
  id?: true;
  taskId?: string;
  name?: string;
  key?: string;
  restart?: true;
  plain?: true;
  grace: string;
  serverTimeout: string;
  url?: string;
  apiKey?: string;
}

const notes = `
The output is passed through as it is. Its newest line is the task's message, and
lines that begin so say more:
  ::progress 45 Reading lines     per cent, and a message where there is one
  ::step 2/5 Reading              which step of how many, and its name
  ::result {"rows": 1500}         the result, as JSON: the last one counts
A line that only looks so is written with a backslash before it, or --plain used.
The program finds the task's id in TIDINGS_TASK_ID.

Exit code 0 completes the task; another one, or a signal, fails it with the last
lines of stderr. Ctrl-C, and a cancel by whoever may cancel the task, are passed
to the program as SIGINT or SIGTERM, and the task ends as cancelled.

The exit code is the program's; 128 and more for a signal; 127 and 126 for a program
that is not found or cannot be run; 125 if the task could not begin, and nothing
was run, or if the program ended well and the task does not show it.

Examples:
  tidings task run --owner alice --name import -- ./import.sh june.csv
  tidings task run --owner alice --task-id nightly --restart -- node nightly.js`;

/** `tidings task run`: runs a program, and reports on it as a task. */
export function taskRun(group: Command): void {
  group
    .command('run')
    .description('run a program as a task, which its owner sees and may cancel')
    .argument('<program>', 'the program, without a shell')
    .argument('[args...]', 'its arguments')
    .passThroughOptions()
    .requiredOption('--owner <user>', 'whose task it is, by name or id')
    .option(
      '--follow-by <user>',
      'another user who may follow it; repeat it for several',
      (user, before: string[] = []) => [...before, user],
    )
    .option('--id', byId)
    .option('--name <name>', "what people call it (default: the program's name)")
    .option('--task-id <id>', 'its id (default: the server makes one)')
    .option('--key <key>', 'run it once: a second run with the same key does nothing, for 24 hours at least')
    .option('--restart', 'begin again what is completed or cancelled, or at work')
    .option('--plain', 'read no line of the output as progress, step or result')
    .option('--grace <time>', 'how long the program may take to end before it is killed', '10s')
    .option('--server-timeout <time>', 'how long the server may be away as the task begins, and as it ends', '1m')
    .option('--url <url>', "the server's address; TIDINGS_URL")
    .option('--api-key <key>', 'its API key; TIDINGS_API_KEY')
    .addHelpText('after', notes)
    .action((program: string, args: string[], flags: Flags) => run(program, args, flags));
}

async function run(program: string, args: string[], flags: Flags): Promise<void> {
  const graceMs = parseDuration(flags.grace, '--grace') * 1_000;
  const timeoutMs = parseDuration(flags.serverTimeout, '--server-timeout') * 1_000;
  const say = (message: string): void => console.error(`tidings: ${oneLine(message)}`);
  const { url, apiKey } = flags;
  // Its warnings begin with our name already.
  const sender = createSender({ url, apiKey, timeoutMs, logger: { warn: (text) => console.error(text) } });
  const signals = new Signals();
  try {
    const begun = await begin(sender, program, flags).catch((error: unknown) => {
      const { message, exitCode } = failureOf(error);
      if (exitCode === exitCodes.usage) throw error;
      say(`nothing was run, since the task could not begin: ${message}`);
      process.exitCode = runExitCodes.notReported;
    });
    if (!begun) return;
    const { task, isOwn } = begun;
    if (!isOwn) {
      say(`not run: task ${task.task_id} was begun with this key before, and is ${task.status}`);
      return;
    }
    say(`task ${task.task_id} has begun`);
    process.exitCode = await runProgram({
      ...{ sender, task, program, args, graceMs, say, isPlain: flags.plain === true },
      ...{ clock: systemClock, onSignal: (listener) => signals.listen(listener) },
    });
  } finally {
    await sender.close();
  }
}

async function begin(sender: Sender, program: string, flags: Flags): Promise<BegunTask> {
  const { taskId, name, key, restart } = flags;
  const idOf = async (user: string): Promise<string> => (await userOf(sender, user, flags)).user_id;
  const [owner, ...followers] = await Promise.all([flags.owner, ...(flags.followBy ?? [])].map(idOf));
  return beginTask(sender.tasks, { program, taskId, name, key, restart, owner: owner as string, followers });
}
