import { styleText } from 'node:util';
import { TidingsError } from '@tidings/protocol';
import type { Command } from 'commander';
import { frameLine } from '../listen/frame-line.ts';
import type { ListenFlags } from '../listen/target.ts';
import { addSettings } from '../setting-flags.ts';
import { tokenSettings } from '../token-settings.ts';

const notes = `
With "tidings dev" it may follow every --room; elsewhere the user needs the right.
It changes nothing about a user whom the server has seen, but for --roles. One who
was never seen is made by it with "tidings dev", and refused elsewhere.`;

/** `tidings listen`: the frames that a user receives, live, one line each. */
export function listen(program: Command): void {
  const command = program
    .command('listen')
    .description('show what a user receives, live, one line each; reconnects and resumes')
    .option('--user <user>', 'whose, by name or id; by id without --api-key (default, with "tidings dev": demo)')
    .option('--roles <roles>', 'give --user these roles, separated by commas, as "tidings roles" does')
    .option('--token <jwt>', "the user's token, in place of --user; TIDINGS_TOKEN")
    .option('--path <path>', 'which socket', '/ws/')
    .option('--task <id>', 'a task to follow; repeat it for several', (id, before: string[] = []) => [...before, id])
    .option(
      '--room <room>',
      'a room to follow, as project:12; repeat it for several',
      (name, before: string[] = []) => [...before, name],
    )
    .option('--url <url>', "the server's address; TIDINGS_URL")
    .option('--api-key <key>', 'its API key, to find --user by name; TIDINGS_API_KEY');
  addSettings(command, tokenSettings)
    .option('--json', 'print frames as they are, one line of JSON each')
    .addHelpText('after', notes)
    .action((flags: ListenFlags) => run(flags));
}

/** The tasks and rooms to follow, as an address lists them. Throws `bad_request` for names that it cannot list. */
function topicsOf({ task = [], room = [] }: ListenFlags): string[] {
  const topics = [...task.map((id) => `task:${id}`), ...room.map((name) => `room:${name}`)];
  const unfit = topics.find((topic) => topic.includes(','));
  if (unfit === undefined) return topics;
  throw new TidingsError('bad_request', `${unfit} has a comma, which a list in an address cannot hold`);
}

async function run(flags: ListenFlags): Promise<void> {
  const { receiveFrames } = await import('../listen/live-frames.ts');
  const { targetsOf } = await import('../listen/target.ts');
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    styleText(style, text, { stream: process.stdout });
  await receiveFrames({
    target: targetsOf(flags),
    topics: topicsOf(flags),
    receive: (text, frame) => console.log(flags.json ? text : frameLine(frame, paint)),
    onStatus: (message) => console.error(`tidings: ${message}`),
    signal: stop.signal,
  });
}
