import { type ServerFrame, TidingsError } from '@tidings/protocol';
import type { TidingsClient } from './client.ts';
import { Connection } from './connection.ts';
import { errorOf } from './failure.ts';
import { Follows } from './follows.ts';
import { Listeners } from './handlers.ts';
import { InboxStore } from './inbox.ts';
import { Counts } from './inbox-counts.ts';
import { Journal } from './journal.ts';
import { type ClientOptions, settingsOf } from './options.ts';
import { type ActionRequest, Requests } from './requests.ts';
import { TaskStore } from './tasks.ts';

/** Makes a client and wires its parts. Nothing is sent before `connect()`. */
export function createTidingsClient(options: ClientOptions = {}): TidingsClient {
  const settings = settingsOf(options);
  const { logger, clock } = settings;
  const requests = new Requests(clock);
  const follows = new Follows(requests, settings);
  const handlers = new Listeners<ServerFrame>(logger);
  const inbox = new InboxStore({
    ...{
      request,
      newestRev: (id) => journal.rev(id),
      forget: (id) => journal.forget(id),
      logger,
      clock,
      counts: new Counts(),
      intents: new Set(),
      knownUpTo: -1,
    },
    query: {},
    fits: ({ archived, snoozedUntil }) => !archived && !snoozedUntil,
  });
  const tasks = new TaskStore((action, effect) => inbox.askTask(action, effect), settings);
  const journal: Journal = new Journal((id) => inbox.revOf(id) ?? tasks.revOf(id));

  /** How many actions had been asked for when `connect()` was called with another token, until it is known whose it is. */
  let divided: number | null = null;

  const connection = new Connection(settings, {
    resume() {
      const { cursor } = journal;
      const topics = cursor ? follows.topics() : '';
      return { ...(cursor && { cursor }), ...(topics && { topics }) };
    },
    replaced() {
      divided = requests.divide();
    },
    begin({ cursor, recovered }, isOther) {
      if (isOther) dropAll(divided ?? requests.divide());
      divided = null;
      begin(recovered ? cursor : null);
    },
    receive(frame) {
      if (!journal.accept(frame)) return;
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
    down(closeCode) {
      requests.stop(closeCode);
      follows.stop();
      release();
    },
    closed: (error) => requests.rejectAll(error),
  });

  /** Another user is there: what the one before asked for, until then, is not done in their name. */
  function dropAll(upTo: number): void {
    inbox.parts.intents.clear();
    requests.rejectAll(new TidingsError('unauthenticated', 'another user signed in'), upTo);
    follows.drop(upTo);
  }

  /** A session begins: where it does not go on from what is kept, that is dropped, and a snapshot follows. */
  function begin(cursor: string | null): void {
    inbox.begin(cursor);
    tasks.begin(cursor);
    if (cursor === null) follows.renew('followed');
    journal.begin(cursor);
  }

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
    subscribe: (taskId) => follows.add(taskId),
    request,
    now: () => connection.now(),
    inbox,
    tasks,
  };
}
