import { type ServerFrame, TidingsError } from '@tidings/protocol';
import type { TidingsClient } from './client.ts';
import { Connection } from './connection.ts';
import { errorOf } from './failure.ts';
import { Follows } from './follows.ts';
import { Handlers } from './handlers.ts';
import { InboxStore } from './inbox.ts';
import { Counts } from './inbox-counts.ts';
import { Journal } from './journal.ts';
import { type ClientOptions, settingsOf } from './options.ts';
import { type ActionRequest, Requests } from './requests.ts';
import { TaskStore } from './tasks.ts';

/** Makes a client and wires its parts. Nothing is sent before `connect()`. */
export function createTidingsClient(options: ClientOptions = {}): TidingsClient {
  return assemble(options, null);
}

/** A client for rendering on a server: as one that was not connected yet, and that never will be. */
export function createInertClient(): TidingsClient {
  const message = 'there is no connection while rendering on a server; ask in the browser';
  return assemble({}, new TidingsError('unavailable', message));
}

/** @param refusal what everything that is asked for is refused with, and nothing connects; null for a client that works */
function assemble(options: ClientOptions, refusal: TidingsError | null): TidingsClient {
  const settings = settingsOf(options);
  const { logger, clock } = settings;
  const requests = new Requests();
  const follows = new Follows(requests, logger, clock);
  const handlers = new Handlers(logger);
  const inbox = new InboxStore({
    ...{
      request,
      newestRev: (id) => journal.rev(id),
      forget: (id) => journal.forget(id),
      logger,
      counts: new Counts(),
      intents: new Set(),
      knownUpTo: -1,
    },
    query: {},
    fits: ({ archived, snoozedUntil }) => !archived && !snoozedUntil,
  });
  const tasks = new TaskStore((action, effect) => inbox.askTask(action, effect), clock.now, logger);
  const journal: Journal = new Journal((id) => inbox.revOf(id) ?? tasks.revOf(id));

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
      if (frame.type === 'synced') release();
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
      release();
    },
    closed: (error) => requests.rejectAll(error),
  });

  /** A session begins: where it does not go on from what is kept, that is dropped, and a snapshot follows. */
  function begin(cursor: string | null): void {
    tasks.changes.hold();
    inbox.begin(cursor);
    if (cursor === null) {
      tasks.reset();
      follows.forget();
    }
    journal.begin(cursor);
  }

  function release(): void {
    inbox.changes.release();
    tasks.changes.release();
  }

  function request(action: ActionRequest) {
    const { status, reason } = connection.state;
    if (refusal) return Promise.reject(refusal);
    return status === 'closed' && reason ? Promise.reject(errorOf(reason)) : requests.send(action);
  }

  return {
    get state() {
      return connection.state;
    },
    connect: (token) => (refusal ? Promise.resolve() : connection.connect(token)),
    disconnect: () => connection.disconnect(),
    on: (type: string, handler: (frame: ServerFrame & never) => void) => handlers.on(type, handler),
    onState: (handler) => connection.changes.add(handler),
    subscribe: (taskId) => follows.add(taskId),
    request,
    inbox,
    tasks,
  };
}
