import type { PlainSocket, RunningServer } from '../running-server.ts';
import { token } from '../tokens.ts';

/** Stands in every id and text of the owner's that an application chooses: what shows it has leaked. */
export const secretWord = 'secret';
const owner = { sub: `${secretWord}-owner`, username: `${secretWord}-name`, roles: [`${secretWord}-role`] };
const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();
const actions = [
  { id: 'yes', label: 'Yes' },
  { id: 'no', label: 'No' },
];

/** A token of the owner, or of an unknown user. */
export const tokenOf = (sub: string): string => token(sub === owner.sub ? owner : { sub });

/** The ids of what belongs to the owner: notifications, tasks, and the owner's own names. */
export const notifications = [
  ...(['personal', 'external', 'with_buttons', 'scheduled', 'of_a_role', 'archived', 'retracted'] as const),
  ...(['living', 'question', 'record_of_a_task'] as const),
] as const;
export const tasks = ['running', 'failed', 'asking', 'placeholder'] as const;
const people = ['user', 'username', 'role', 'session', 'room'] as const;
export type Thing = (typeof notifications | typeof tasks | typeof people)[number];

/** Everything one user can have on a server, with one session that is open. */
export class Belongings {
  readonly ids: Record<Thing, string>;
  readonly socket: PlainSocket;
  readonly #server: RunningServer;

  private constructor(server: RunningServer, socket: PlainSocket, ids: Record<Thing, string>) {
    this.#server = server;
    this.socket = socket;
    this.ids = ids;
  }

  static async on(server: RunningServer): Promise<Belongings> {
    const socket = await server.open('/ws/', [], headers).settled();
    const { session_id } = socket.received[0] as { session_id: string };
    const send = async (more: object): Promise<string> => {
      const body = { to: { user: owner.sub }, title: secretWord, message: secretWord, category: secretWord, ...more };
      return (await server.call('POST', '/api/v1/notifications', body)).body.id;
    };
    const external = `${secretWord}-external`;
    await send({ external_id: external });
    const running = await startTasks(server);
    const ids = {
      ...{ external, personal: await send({}), with_buttons: await send({ actions }), of_a_role: '', ...running },
      ...{ scheduled: await send({ deliver_at: inAnHour() }), archived: await send({}), retracted: await send({}) },
      living: await send({ task_id: running.running }),
      placeholder: `${secretWord}-placeholder`,
      ...{ user: owner.sub, username: owner.username, role: owner.roles[0] as string, session: session_id },
      room: `${secretWord}-room`,
    };
    await send({ task_id: ids.placeholder });
    const room = `/api/v1/rooms/project/${ids.room}`;
    await server.call('PUT', `${room}/members/${owner.sub}`, { access: 'rw' });
    await server.call('POST', `${room}/events`, { event: 'said', data: { text: secretWord } });
    ids.of_a_role = await send({ to: { role: ids.role } });
    const things = new Belongings(server, socket, ids);
    await things.call('POST', '/api/v1/inbox/archive', { ids: [ids.archived] });
    await server.call('DELETE', `/api/v1/notifications/${ids.retracted}`);
    return things;
  }

  /** A call of the owner's. */
  call(method: string, path: string, body?: unknown) {
    return this.#server.call(method, path, body, headers);
  }

  /** All of it, as the owner and the back end see it. */
  async state(): Promise<unknown> {
    const { ids } = this;
    const views = ['inbox', 'archived', 'snoozed'].map((view) =>
      this.call('GET', `/api/v1/inbox?view=${view}&limit=100`),
    );
    const room = `/rooms/project/${ids.room}`;
    const own = [
      `${room}/events`,
      '/inbox/unread_count',
      '/tasks',
      '/whoami',
      ...tasks.map((task) => `/tasks/${ids[task]}`),
    ];
    const sent = notifications.filter((name) => name !== 'external' && name !== 'record_of_a_task');
    const paths = [
      ...sent.map((name) => `/notifications/${ids[name]}`),
      ...[`${room}/members`, '/notifications', `/users/${ids.user}/connections`, '/answers?after=0'],
    ];
    const answers = await Promise.all([
      ...views,
      ...own.map((path) => this.call('GET', `/api/v1${path}`)),
      ...paths.map((path) => this.#server.call('GET', `/api/v1${path}`)),
    ]);
    // The head of the sequence is no secret.
    return answers.map(({ status, body: { as_of: _asOf, ...body } }) => ({ status, body }));
  }
}

const headers = { authorization: `Bearer ${tokenOf(owner.sub)}` };

/** One task that something else runs, one of this server's own that failed, and one that asks. */
async function startTasks(server: RunningServer) {
  const { tasks: own } = server.tidings;
  own.define('fails', () => {
    throw new Error(secretWord);
  });
  own.define('asks', ({ ask }) => ask({ title: secretWord, actions }));
  const ids = { running: `${secretWord}-running`, failed: `${secretWord}-failed`, asking: `${secretWord}-asking` };
  await server.call('PATCH', `/api/v1/tasks/${ids.running}`, { owner: owner.sub, progress: 5, message: secretWord });
  await own.start('fails', {}, { taskId: ids.failed, owner: owner.sub });
  await own.start('asks', {}, { taskId: ids.asking, owner: owner.sub });
  await isNow(server, ids.failed, 'failed');
  await isNow(server, ids.asking, 'waiting');
  const { items } = (await server.call('GET', '/api/v1/inbox', undefined, headers)).body as {
    items: { id: string; task?: { task_id: string } }[];
  };
  const question = items.find(({ task }) => task?.task_id === ids.asking)?.id as string;
  return { ...ids, question, record_of_a_task: `task:${ids.running}` };
}

async function isNow(server: RunningServer, id: string, status: string): Promise<void> {
  for (let n = 0; n < 1_000; n++) {
    const { body } = await server.call('GET', `/api/v1/tasks/${id}`);
    if (body.status === status) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`task ${id} is still not ${status}`);
}
