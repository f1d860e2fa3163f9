import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { httpPort } from './http/http-port.ts';
import type { Sender } from './sender.ts';
import { createSenderOver } from './sender-api.ts';
import { ContractServer } from './testing/contract-server.ts';

let server: ContractServer;
beforeEach(async () => {
  server = await new ContractServer().start();
});
afterEach(() => server.kill());

const logged: string[] = [];
beforeEach(() => {
  logged.length = 0;
});
const sender = (warn = (message: string): unknown => logged.push(message)) =>
  createSenderOver(httpPort({ url: server.url, apiKey: 'wrong' }), { logger: { warn: warn as () => void } });

/** The rejections that would end a Node process, as nobody handles them. */
function unhandled(): unknown[] {
  const reasons: unknown[] = [];
  const listener = (reason: unknown) => reasons.push(reason);
  process.on('unhandledRejection', listener);
  onTestFinished(() => void process.off('unhandledRejection', listener));
  return reasons;
}
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
  // Rejections that nobody handles are reported after a turn of the loop.
  await new Promise((resolve) => setTimeout(resolve, 2));
}

const calls: Record<string, (by: Sender) => unknown> = {
  notify: ({ notify }) => notify({ to: { user: 1 } }),
  'tasks.start': ({ tasks }) => tasks.start({ name: 'Import' }),
  'tasks.report': ({ tasks }) => tasks.report('import', { progress: 1 }),
  'tasks.get': ({ tasks }) => tasks.get('import'),
  'tasks.list': ({ tasks }) => tasks.list(),
  'tasks.watch': ({ tasks }) => tasks.watch('import', () => {}),
  'tasks.cancel': ({ tasks }) => tasks.cancel('import'),
  'tasks.retry': ({ tasks }) => tasks.retry('import'),
  'notifications.edit': ({ notifications }) => notifications.edit('n', { title: 'New' }),
  'notifications.retract': ({ notifications }) => notifications.retract('n'),
  'notifications.get': ({ notifications }) => notifications.get('n'),
  'notifications.scheduled': ({ notifications }) => notifications.scheduled(),
  'notifications.cancel': ({ notifications }) => notifications.cancel('n'),
  'notifications.waitForAnswer': ({ notifications }) => notifications.waitForAnswer('n'),
  'users.setRoles': ({ users }) => users.setRoles(1, []),
  'users.disconnect': ({ users }) => users.disconnect(1),
  'users.connections': ({ users }) => users.connections(1),
  'users.revoke': ({ users }) => users.revoke({ user: 1 }),
};

it.each(Object.entries(calls))('%s need not be awaited: the reason of a failure is logged', async (name, call) => {
  const rejected = unhandled();
  call(sender());
  await until(() => logged.length > 0);
  expect(logged).toEqual([expect.stringContaining(`tidings: ${name}: no such API key (unauthenticated)`)]);
  expect(rejected).toEqual([]);
});

it('a fault that is found at once is logged as well', async () => {
  const rejected = unhandled();
  const { notify, tasks, users, testWebsocketConnection } = sender();
  notify('hello' as never);
  tasks.report('import', { data: { n: 1n } });
  users.revoke(null as never);
  expect(await testWebsocketConnection(Object.create(null))).toMatchObject({ connected: false, username: '' });
  await until(() => logged.length === 4);
  expect(rejected).toEqual([]);
});

it('a logger that throws, or fails later, ends nothing', async () => {
  const rejected = unhandled();
  let calls = 0;
  const loggers = [
    () => {
      calls++;
      throw new Error('the log is full');
    },
    async () => {
      calls++;
      throw new Error('the log is full');
    },
  ];
  for (const warn of loggers) {
    sender(warn).notify({ to: { user: 1 } });
    expect(await sender(warn).wsSendMessage('ann', 'Hello')).toBe(false);
  }
  await until(() => calls === 4);
  expect(rejected).toEqual([]);
});

it('a handler of answers may throw whatever it likes, and gets the answer again', async () => {
  const rejected = unhandled();
  const { id } = await createSenderOver(httpPort({ url: server.url, apiKey: server.apiKey })).notify({
    to: { user: 1 },
    actions: [{ id: 'yes', label: 'Yes' }],
  });
  const thrown = [
    Object.create(null),
    undefined,
    Object.defineProperty(new Error(), 'message', {
      get() {
        throw Object.create(null);
      },
    }),
  ];
  let calls = 0;
  const port = httpPort({ url: server.url, apiKey: server.apiKey });
  // No pause between attempts.
  const clock = {
    now: () => 0,
    after(_: number, action: () => void) {
      const turn = setImmediate(action);
      return () => clearImmediate(turn);
    },
  };
  const by = createSenderOver(port, { clock, logger: { warn: (message) => void logged.push(message) } });
  const stop = by.notifications.onAnswer(
    () => {
      if (calls < thrown.length) throw thrown[calls++];
      calls++;
    },
    { after: 0 },
  );
  server.sent.answer(id, 'yes');
  await until(() => calls === 4);
  stop();
  expect(logged).toHaveLength(3);
  for (const message of logged) expect(message).toContain('the handler failed on the answer');
  expect(rejected).toEqual([]);
});
