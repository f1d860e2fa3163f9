import { styleText } from 'node:util';
import type { Command } from 'commander';
import { frameLine } from '../listen/frame-line.ts';
import type { ListenFlags } from '../listen/target.ts';
import { addSettings } from '../setting-flags.ts';
import { tokenSettings } from '../token-settings.ts';

/** `tidings listen`: what a user hears, live, one line each. */
export function listen(program: Command): void {
  const command = program
    .command('listen')
    .description('show what a user hears, live, one line each; reconnects and resumes')
    .option('--user <id>', 'who listens (default, with "tidings dev": demo)')
    .option('--roles <roles>', 'the roles of --user, separated by commas')
    .option('--token <jwt>', "the user's token, in place of --user; TIDINGS_TOKEN")
    .option('--path <path>', 'which socket', '/ws/')
    .option('--task <id>', 'a task to follow; repeat it for several', (id, before: string[] = []) => [...before, id])
    .option('--url <url>', "the server's address; TIDINGS_URL");
  addSettings(command, tokenSettings)
    .option('--json', 'print frames as they are, one line of JSON each')
    .action((flags: ListenFlags) => run(flags));
}

async function run(flags: ListenFlags): Promise<void> {
  const { receiveFrames } = await import('../listen/live-frames.ts');
  const { targetOf } = await import('../listen/target.ts');
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    styleText(style, text, { stream: process.stdout });
  await receiveFrames({
    target: () => targetOf(flags),
    tasks: flags.task ?? [],
    receive: (text, frame) => console.log(flags.json ? text : frameLine(frame, paint)),
    onStatus: (message) => console.error(`tidings: ${message}`),
    signal: stop.signal,
  });
}
