import { Command } from 'commander';
import { serverVersion } from '../config/version.ts';
import { broadcast } from './commands/broadcast.ts';
import { connections } from './commands/connections.ts';
import { dev } from './commands/dev.ts';
import { documents } from './commands/documents.ts';
import { edit } from './commands/edit.ts';
import { file } from './commands/file.ts';
import { health } from './commands/health.ts';
import { inbox } from './commands/inbox.ts';
import { listen } from './commands/listen.ts';
import { notify } from './commands/notify.ts';
import { disconnect, revoke, roles } from './commands/people.ts';
import { retract } from './commands/retract.ts';
import { schedule } from './commands/schedule.ts';
import { send } from './commands/send.ts';
import { serve } from './commands/serve.ts';
import { shell } from './commands/shell.ts';
import { show } from './commands/show.ts';
import { task } from './commands/task.ts';
import { testConnection } from './commands/test-connection.ts';
import { token } from './commands/token.ts';

/** Every command, in the order in which help lists them: each adds itself to the program. */
const commands: Record<string, ((program: Command) => void)[]> = {
  'Run a server:': [dev, serve, token],
  'Send:': [send, notify, file, broadcast],
  'What was sent:': [schedule, show, edit, retract],
  'Tasks:': [task],
  'People:': [inbox, connections, testConnection, roles, disconnect, revoke],
  'Shared documents:': [documents],
  'Look and try:': [health, listen, shell],
};

const about = `Carries news from back-end work to the people it concerns.

Commands find the server by --url and --api-key, else by TIDINGS_URL and
TIDINGS_API_KEY, else by the .tidings/dev.json that "tidings dev" keeps in this
folder or one above it.
Exit codes: 0 accepted, 1 not accepted, 2 asked in a way that cannot work.`;

/** The command line. It throws if others exit, so that one place says what was wrong. */
export function createProgram(): Command {
  const program = new Command('tidings')
    .description(about)
    .version(serverVersion)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError()
    .configureHelp({ sortOptions: false });
  for (const [heading, group] of Object.entries(commands)) {
    program.commandsGroup(heading);
    for (const add of group) add(program);
  }
  program.helpCommand(true);
  return program;
}
