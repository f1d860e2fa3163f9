import { homedir } from 'node:os';
import { join } from 'node:path';
import type { REPLEval } from 'node:repl';
import { inspect, types } from 'node:util';
import { TidingsError } from '@tidings/protocol';
import { createSender, namedFunctions } from '@tidings/sender';
import type { Command } from 'commander';

interface Flags {
  url?: string;
  apiKey?: string;
}

/** `tidings shell`: a REPL with the sender's functions in reach. */
export function shell(program: Command): void {
  program
    .command('shell')
    .description("a JavaScript prompt with the sender's functions; help() lists them")
    .option('--url <url>', "the server's address; TIDINGS_URL")
    .option('--api-key <key>', 'its API key; TIDINGS_API_KEY')
    .action((flags: Flags) => run(flags));
}

async function run({ url, apiKey }: Flags): Promise<void> {
  const sender = createSender({ url, apiKey, timeoutMs: 5_000 });
  if (process.stdin.isTTY)
    console.log("Tidings. Try: await wsSendMessage('alice', 'Hello')    help() lists all functions; Ctrl-D ends.");
  // Loaded here: the other commands start without it.
  const { start } = await import('node:repl');
  const repl = start({ prompt: process.stdin.isTTY ? 'tidings> ' : '', ignoreUndefined: true, writer: readable });
  Object.assign(repl, { eval: awaitingResults(repl.eval) });
  Object.assign(repl.context, sender, { sender, help: () => console.log(helpText()) });
  if (process.stdin.isTTY) repl.setupHistory(join(homedir(), '.tidings_history'), () => {});
  await new Promise((resolve) => repl.on('exit', resolve));
  await sender.close();
}

/** Waits for promises, so that no `await` is needed, and prints errors of ours without their stack. */
function awaitingResults(evaluate: REPLEval): REPLEval {
  return function (code, context, file, answer) {
    const fail = (error: unknown): void => {
      if (error instanceof TidingsError) console.error(`${error.message} (${error.code})`);
      answer(error instanceof TidingsError ? null : (error as Error), undefined);
    };
    evaluate.call(this, code, context, file, (error, value: unknown) => {
      if (error) fail(error);
      else if (types.isPromise(value)) value.then((result) => answer(null, result), fail);
      else answer(null, value);
    });
  };
}

/** Prints our errors, and those within results, as their JSON. */
function readable(value: unknown): string {
  const { error } = (value ?? {}) as { error?: unknown };
  const shown = error instanceof TidingsError ? { ...(value as object), error: error.toJSON() } : value;
  return inspect(shown instanceof TidingsError ? shown.toJSON() : shown, { colors: process.stdout.isTTY, depth: 5 });
}

/** The sender's functions beside the named ones. */
const others: Record<string, string> = {
  notify: '{to, type?, notification_type?, title?, message?, data?, …}',
  notifyMany: '[input, …], {atomic?}',
  'tasks.start': '{task_id?, name?, owner?, …}',
  'tasks.report': 'taskId, {status?, progress?, step?, step_number?, total_steps?, message?, …}',
  'tasks.get': 'taskId',
  'tasks.list': '{owner?, status?, name?, before?, limit?}',
  'tasks.watch': 'taskId, onChange',
  'tasks.cancel': 'taskId',
  'tasks.retry': 'taskId',
  'notifications.edit': 'id, {title?, message?, data?, notification_type?, category?, expires_at?, actions?}',
  'notifications.retract': 'id',
  'notifications.get': 'id',
  'notifications.scheduled': '{before?, limit?}',
  'notifications.cancel': 'id',
  'notifications.waitForAnswer': 'id, {timeoutMs?}',
  'notifications.onAnswer': 'handler, {after?}',
  'users.setRoles': "userId, ['role', …]",
  'users.connections': 'userId',
  'users.disconnect': 'userId, {sessionId?, reason?}',
  'users.revoke': '{user} or {tokenId} or {sessionId}',
  getConnectedUsers: '',
  testWebsocketConnection: 'username',
  setNotificationUser: 'userId',
  lastError: '',
};

function helpText(): string {
  const named = Object.entries(namedFunctions).map(([name, { parameters, required, frame, spread }]) => {
    const list = parameters.map((one) => (required.includes(one) || spread ? one : `${one}?`)).join(', ');
    return `  ${`${name}(${list})`.padEnd(102)} ${frame ?? ''}`.trimEnd();
  });
  const rest = Object.entries(others).map(([name, list]) => `  ${name}(${list})`);
  return [
    'These answer whether it was stored; lastError() tells why not. Each also takes one object with these members.',
    ...named,
    '',
    'These answer with what came of it; notify, tasks, notifications and users throw errors.',
    ...rest,
  ].join('\n');
}
