import { type ServerFrame, TidingsError } from '@tidings/protocol';
import type { TidingsClient } from './client.ts';
import { Connection } from './connection.ts';
import { errorOf } from './failure.ts';
import { Listeners } from './handlers.ts';
import { InboxStore } from './inbox.ts';
import { UnreadCounts } from './inbox-counts.ts';
import { type ClientOptions, settingsOf } from './options.ts';
import { type ActionRequest, Requests } from './requests.ts';
import { ResumeState } from './resume-state.ts';
import { Subscriptions } from './subscriptions.ts';
import { TaskStore } from './tasks.ts';
import { webSocketTransport } from './transport/websocket.ts';

/** Makes a client and wires its parts. Nothing is sent before `connect()`. */
export function createTidingsClient(options: ClientOptions = {}): TidingsClient {
  const settings = settingsOf(options);
  const { logger, clock } = settings;
  const requests = new Requests(clock);
  const subscriptions = new Subscriptions(requests, settings);
  const handlers = new Listeners<ServerFrame>(logger);
  const resume: ResumeState = new ResumeState((id) => inbox.revOf(id) ?? tasks.revOf(id));
  const inbox = new InboxStore({
    ...{ request, resume, logger, clock, counts: new UnreadCounts(), pending: new Set(), synced: 0, readUpTo: 0 },
    query: {},
    fits: ({ archived, snoozedUntil }) => !archived && !snoozedUntil,
  });
  const tasks = new TaskStore((action, effect) => inbox.actOnTask(action, effect), settings);

  /** The number of actions before `connect()` was called with another token; null once the user of that token is known. */
  let actionsBefore: number | null = null;

  const connection = new Connection(settings, webSocketTransport(settings.WebSocket), {
    query() {
      const { cursor } = resume;
      const topics = cursor ? subscriptions.topics() : '';
      return { ...(cursor && { cursor }), ...(topics && { topics }) };
    },
    replaced() {
      actionsBefore = requests.divide();
    },
    begin({ cursor, recovered, read_upto }, isOther) {
      if (isOther) {
        // Actions of the user before are not done in the name of this one.
        const upTo = actionsBefore ?? requests.divide();
        inbox.parts.pending.clear();
        requests.rejectAll(new TidingsError('unauthenticated', 'another user signed in'), upTo);
        subscriptions.drop(upTo);
      }
      actionsBefore = null;
      const from = recovered ? cursor : null;
      inbox.begin(from, read_upto);
      tasks.begin(from);
      resume.begin(from);
      if (!from) subscriptions.renew('active');
    },
    receive(frame) {
      if (!resume.accept(frame)) return;
      inbox.apply(frame);
      tasks.apply(frame);
      if (frame.type === 'synced') release();
      requests.settle(frame);
      handlers.emit(frame);
    },
    live(transmit) {
      requests.start(transmit);
      subscriptions.start();
    },
    down(closeCode) {
      requests.stop(closeCode);
      subscriptions.stop();
      release();
    },
    closed: (error) => requests.rejectAll(error),
  });

  function release(): void {
    inbox.changes.release();
    tasks.changes.release();
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
    subscribe: (taskId) => subscriptions.add(taskId),
    request,
    now: () => connection.now(),
    inbox,
    tasks,
  };
}
