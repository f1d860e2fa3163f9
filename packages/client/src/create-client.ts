import type { ServerFrame } from '@tidings/protocol';
import type { TidingsClient } from './client.ts';
import { Connection } from './connection.ts';
import { errorOf } from './failure.ts';
import { Follows } from './follows.ts';
import { Handlers } from './handlers.ts';
import { InboxStore } from './inbox.ts';
import { Journal } from './journal.ts';
import { type ClientOptions, settingsOf } from './options.ts';
import { type ActionRequest, Requests } from './requests.ts';
import { TaskStore } from './tasks.ts';

/** Makes a client and wires its parts. Nothing is sent before `connect()`. */
export function createTidingsClient(options: ClientOptions = {}): TidingsClient {
  const settings = settingsOf(options);
  const { logger, clock } = settings;
  const requests = new Requests();
  const follows = new Follows(requests, logger, clock);
  const handlers = new Handlers(logger);
  const inbox = new InboxStore(request, (id) => journal.rev(id), logger);
  const tasks = new TaskStore(request, clock.now, logger);
  const journal: Journal = new Journal((id) => inbox.revOf(id) ?? tasks.revOf(id));
  const shown = [inbox.changes, tasks.changes];

  const connection = new Connection(settings, {
    resume() {
      const { cursor } = journal;
      const topics = cursor ? follows.topics() : '';
      return { ...(cursor && { cursor }), ...(topics && { topics }) };
    },
    receive(frame) {
      if (frame.type === 'connection_established') begin(frame.recovered ? frame.cursor : null);
      if (!journal.accept(frame)) return;
      if (frame.type === 'ping') follows.vouch();
      inbox.apply(frame);
      tasks.apply(frame);
      if (frame.type === 'synced') for (const changes of shown) changes.release();
      requests.settle(frame);
      handlers.emit(frame);
    },
    live(transmit) {
      requests.start(transmit);
      follows.start();
    },
    down() {
      requests.stop();
      follows.stop();
      for (const changes of shown) changes.release();
    },
    closed: (error) => requests.rejectAll(error),
  });

  /** A session begins: where it does not go on from what is kept, that is dropped, and a snapshot follows. */
  function begin(cursor: string | null): void {
    for (const changes of shown) changes.hold();
    if (cursor === null) {
      inbox.reset();
      tasks.reset();
      follows.forget();
    }
    journal.begin(cursor);
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
    on: (type: string, handler: (frame: ServerFrame & never) => void) => handlers.on(type, handler),
    onState: (handler) => connection.changes.add(handler),
    subscribe: (taskId) => follows.add(taskId),
    request,
    inbox,
    tasks,
  };
}
