import { type ServerFrame, TidingsError } from '@tidings/protocol';
import type { TidingsClient } from './client.ts';
import { Connection } from './connection.ts';
import { errorOf } from './failure.ts';
import { Listeners } from './handlers.ts';
import { InboxStore } from './inbox.ts';
import { type ClientOptions, settingsOf } from './options.ts';
import { InboxRecords } from './records/inbox-records.ts';
import { type ActionRequest, Requests } from './requests.ts';
import { ResumeState } from './resume-state.ts';
import { Subscriptions } from './subscriptions.ts';
import { TaskStore } from './tasks.ts';
import { webSocketTransport } from './transport/websocket.ts';

/** Makes a client and wires its parts. Nothing is sent before `connect()`. */
export function createTidingsClient(options: ClientOptions = {}): TidingsClient {
  const settings = settingsOf(options);
  const requests = new Requests(settings.clock);
  const subscriptions = new Subscriptions(requests, settings);
  const handlers = new Listeners<ServerFrame>(settings.logger);
  const resume: ResumeState = new ResumeState((id) => records.rev(id) ?? tasks.rev(id));
  const parts = { ...settings, settings, request, resume, subscriptions };
  const records = new InboxRecords(parts);
  const inbox = new InboxStore(records);
  const tasks = new TaskStore(records, settings);

  /** The number of actions before `connect()` was called with another token; null once the user of that token is known. */
  let actionsBefore: number | null = null;

  const connection = new Connection(settings, options.transport ?? webSocketTransport(options), {
    query(): Record<string, string> {
      const { cursor } = resume;
      return { ...parts.query, ...(cursor && { cursor, topics: subscriptions.topics() }) };
    },
    replaced() {
      actionsBefore = requests.divide();
    },
    begin({ cursor, recovered, read_upto }, isOther) {
      if (isOther) {
        // Actions of the user before are not done in the name of this one.
        const upTo = actionsBefore ?? requests.divide();
        requests.reject(new TidingsError('unauthenticated', 'another user signed in'), upTo);
        subscriptions.drop(upTo);
      }
      actionsBefore = null;
      const from = recovered ? cursor : null;
      records.begin(from, read_upto, isOther);
      tasks.begin(from);
      resume.begin(from);
      if (!from) subscriptions.renew('live');
    },
    receive(frame) {
      if (!resume.apply(frame)) return;
      records.apply(frame);
      tasks.apply(frame);
      if (frame.type === 'synced') release();
      requests.apply(frame);
      handlers.emit(frame);
    },
    start(transmit) {
      requests.start(transmit);
      subscriptions.start();
    },
    stop(closeCode) {
      requests.stop(closeCode);
      subscriptions.stop();
      release();
    },
    closed: (error) => requests.reject(error),
  });

  function release(): void {
    records.each('release');
    tasks.release();
  }

  function request(action: ActionRequest) {
    const { status, reason } = connection.state;
    return status === 'closed' && reason ? Promise.reject(errorOf(reason)) : requests.send(action);
  }

  return {
    get state() {
      return connection.state;
    },
    connect: (token) => connection.connect(token),
    disconnect: () => connection.disconnect(),
    on: (type: string, handler: (frame: never) => unknown) =>
      handlers.add((frame) => (type === '*' || type === frame.type) && handler(frame as never)),
    onState: (handler) => connection.changes.add(handler),
    subscribe: (taskId) => subscriptions.add(`task:${taskId}`, { task_id: taskId }),
    request,
    parts,
    now: () => connection.now(),
    inbox,
    tasks,
  };
}
