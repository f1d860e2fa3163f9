import { checkJson, type NotifyInput, TidingsError } from '@tidings/protocol';
import { Waits } from './answers/waits.ts';
import { checkInput } from './check-input.ts';
import { systemClock } from './clock.ts';
import { asTidingsError } from './errors.ts';
import type { Id, NamedFunctions } from './named/functions.ts';
import { enterNotificationUser, getNotificationUser, withNotificationUser } from './named/notification-user.ts';
import { itemsOf, namedFunctions } from './named/table.ts';
import { notificationsOver } from './notifications-over.ts';
import { optionalPromises } from './optional-promises.ts';
import type { PublishOptions, PublishOutcome, SenderPort } from './port.ts';
import { portTimeoutMs, QuietCalls, type SenderOverOptions } from './quiet-calls.ts';
import type { ConnectionTest, Sender } from './sender.ts';
import { usersOver } from './users-over.ts';

/** The most items a port is given at once, and the most that are stored or not as one. */
const batchLimit = 1_000;

/** Publishes any number of items; only atomic ones must fit one batch. */
async function publish(
  port: SenderPort,
  items: readonly NotifyInput[],
  options: PublishOptions,
): Promise<PublishOutcome[]> {
  if (options.atomic && items.length > batchLimit) {
    const message = `an atomic batch holds at most ${batchLimit} items; got ${items.length}: split it`;
    const error = new TidingsError('bad_request', message);
    return items.map(() => ({ ok: false, error }));
  }
  const batches: Promise<PublishOutcome[]>[] = [];
  for (let from = 0; from < items.length; from += batchLimit) {
    batches.push(port.publish(items.slice(from, from + batchLimit), options));
  }
  return (await Promise.all(batches)).flat();
}

/** How many of a named function's items were stored. */
async function send(port: SenderPort, quiet: QuietCalls, name: keyof NamedFunctions, args: unknown[]): Promise<number> {
  const sent = await quiet.run(name, async () => {
    const items = itemsOf(name, args);
    for (const item of items) checkJson(item);
    return publish(port, items, { atomic: false, timeoutMs: portTimeoutMs });
  });
  if (!sent.ok) return 0;
  const failed = sent.value.find((outcome) => !outcome.ok);
  if (failed) quiet.tell(name, failed.error);
  return sent.value.filter((outcome) => outcome.ok).length;
}

function namedOver(port: SenderPort, quiet: QuietCalls): NamedFunctions {
  const functions = Object.entries(namedFunctions).map(([name, { answer }]) => [
    name,
    async (...args: unknown[]) => {
      const stored = await send(port, quiet, name as keyof NamedFunctions, args);
      return answer === 'count' ? stored : stored > 0;
    },
  ]);
  return Object.fromEntries(functions) as NamedFunctions;
}

/** Publishes what JSON can carry; the rest is refused item by item, or as a whole where it is atomic. */
async function publishMany(
  port: SenderPort,
  inputs: readonly NotifyInput[],
  atomic: boolean,
): Promise<PublishOutcome[]> {
  const refusals = inputs.map((input, index) => refusal(input, index));
  const firstRefusal = refusals.find((error) => error !== null);
  if (firstRefusal && atomic) return inputs.map(() => ({ ok: false, error: firstRefusal }));
  const good = inputs.filter((_, index) => refusals[index] === null);
  const outcomes = await publish(port, good, { atomic });
  const answers = outcomes.values();
  return refusals.map((error, index) => {
    if (error) return { ok: false, error };
    const outcome = answers.next().value as PublishOutcome;
    return outcome.ok || atomic ? outcome : { ok: false, error: ofItem(outcome.error, index) };
  });
}

/** The same error, with its place in the caller's list. */
const ofItem = ({ code, message, retryable, cause }: TidingsError, index: number): TidingsError =>
  new TidingsError(code, message, { index, retryable, cause });

function refusal(input: NotifyInput, index: number): TidingsError | null {
  try {
    checkInput(input, `item ${index}`);
    return null;
  } catch (thrown) {
    return ofItem(asTidingsError(thrown), index);
  }
}

async function testConnection(port: SenderPort, quiet: QuietCalls, name: Id): Promise<ConnectionTest> {
  let username = '';
  const found = await quiet.run('testWebsocketConnection', async () => {
    username = String(name);
    return port.connectionsOf({ username }, { probe: true, timeoutMs: portTimeoutMs });
  });
  if (!found.ok) {
    return { username, user_id: null, connected: false, answered: false, connections: [], error: found.error };
  }
  const { user_id, connected, connections } = found.value;
  const answered = connections.some((connection) => connection.round_trip_ms !== null);
  return { username, user_id, connected, answered, connections, error: null };
}

/** The whole Sender over a port: HTTP's, or that of a server in the same process. */
export function createSenderOver(port: SenderPort, options: SenderOverOptions = {}): Sender {
  const quiet = new QuietCalls(options);
  const waits = new Waits();
  const clock = options.clock ?? systemClock;
  const optional = <F extends object>(group: string, functions: F): F =>
    optionalPromises(functions, (name, error) => quiet.tell(`${group}${name}`, error));
  return {
    ...namedOver(port, quiet),
    ...optional('', publishing(port)),
    tasks: optional('tasks.', tasksOver(port)),
    notifications: optional('notifications.', notificationsOver({ port, quiet, waits, clock })),
    users: optional('users.', usersOver(port)),
    async getConnectedUsers() {
      const users = await quiet.run('getConnectedUsers', () => port.connectedUsers({ timeoutMs: portTimeoutMs }));
      return users.ok ? users.value : [];
    },
    testWebsocketConnection: (username) => testConnection(port, quiet, username),
    setNotificationUser(user) {
      try {
        enterNotificationUser(user);
        return true;
      } catch (thrown) {
        quiet.tell('setNotificationUser', asTidingsError(thrown));
        return false;
      }
    },
    getNotificationUser,
    withNotificationUser,
    lastError: () => quiet.last,
    ...optional('', {
      close() {
        waits.close();
        return port.close();
      },
    }),
  };
}

function publishing(port: SenderPort): Pick<Sender, 'notify' | 'notifyMany'> {
  return {
    async notify(input) {
      checkInput(input, 'notify');
      const [outcome] = await port.publish([input], { atomic: false });
      if (outcome?.ok) return outcome.result;
      throw outcome?.error ?? new TidingsError('internal', 'the notification was not answered');
    },
    async notifyMany(inputs, { atomic = false } = {}) {
      return publishMany(port, inputs, atomic);
    },
  };
}

function tasksOver(port: SenderPort): Sender['tasks'] {
  return {
    async start(start) {
      checkInput(start, 'tasks.start');
      return port.startTask(start);
    },
    async report(taskId, report) {
      checkInput(report, 'tasks.report');
      return port.reportTask(String(taskId), report);
    },
    get: async (taskId) => port.getTask(String(taskId)),
    cancel: async (taskId) => port.cancelTask(String(taskId)),
  };
}
