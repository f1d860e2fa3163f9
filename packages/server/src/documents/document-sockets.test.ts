import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { Editor } from '../../testing/editors.ts';
import { readMetrics } from '../../testing/metrics-reader.ts';
import { apiKey, RunningServer } from '../../testing/running-server.ts';
import { token } from '../../testing/tokens.ts';
import { until } from '../../testing/world.ts';
import { awarenessMessage, readMessage, stateVectorMessage, updateMessage } from './wire.ts';

/** A socket that speaks y-protocols by hand. */
class RawSocket {
  readonly received: Buffer[] = [];
  closed: { code: number; reason: string } | null = null;
  readonly ws: WebSocket;

  constructor(server: RunningServer, room: string, jwt: string, { query = '', headers = {} } = {}) {
    const url = `${server.url.replace('http', 'ws')}/ws/collaboration/${room}?token=${jwt}${query}`;
    this.ws = new WebSocket(url, { headers });
    this.ws.on('message', (data) => this.received.push(data as Buffer));
    this.ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    this.ws.on('error', () => {});
    onTestFinished(() => this.ws.terminate());
  }

  /** The kinds of messages that came. */
  get kinds(): string[] {
    return this.received.map((bytes) => readMessage(bytes).kind);
  }

  async open(): Promise<this> {
    await until(() => this.received.length > 0 || this.closed !== null);
    return this;
  }

  async end(): Promise<{ code: number; reason: string }> {
    await until(() => this.closed !== null);
    return this.closed as { code: number; reason: string };
  }
}

let made = 0;
const aRoom = (): string => `s${++made}`;
const tokenFor = (sub: string, claims: object = {}): string =>
  token({ sub, grants: ['collaboration:*:rw'], ...claims });
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;

function updateOf(change: (doc: Y.Doc) => void, doc = new Y.Doc()): Uint8Array {
  const before = Y.encodeStateVector(doc);
  change(doc);
  return Y.encodeStateAsUpdate(doc, before);
}

describe('connections of providers', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await RunningServer.start({ auth: { clockToleranceSeconds: 0 } });
  });
  afterAll(() => server.stop());

  const open = (room = aRoom(), jwt = tokenFor('ann'), options = {}) => new RawSocket(server, room, jwt, options);

  test.each([
    ['whose token has run out', tokenFor('ann', { exp: inSeconds(-10) }), 4501, /has expired/],
    ['whose token is none', 'a.b.c', 4401, /token/],
    ['who has no right', token({ sub: 'ann' }), 4403, /not yours/],
  ])('one %s is told so by a close, with an origin or without', async (_who, jwt, code, reason) => {
    for (const headers of [{}, { origin: server.url }]) {
      expect(await open(aRoom(), jwt, { headers }).end()).toMatchObject({
        code,
        reason: expect.stringMatching(reason),
      });
    }
  });

  test('a page of another origin is refused for good', async () => {
    const headers = { origin: 'https://elsewhere.example' };
    expect(await open(aRoom(), tokenFor('ann'), { headers }).end()).toMatchObject({ code: 4403 });
  });

  test('a token that runs out later ends the connection, and the provider comes back with the next', async () => {
    const room = aRoom();
    const editor = new Editor(server, room, 'ann', { claims: { exp: inSeconds(2) } });
    onTestFinished(() => editor.destroy());
    await editor.synced();
    editor.provider.params = { token: tokenFor('ann') };
    await until(() => editor.closes.length > 0);
    expect(editor.closes).toMatchObject([{ code: 4501 }]);
    await until(() => editor.provider.wsconnected && editor.provider.synced);
  });

  test('who is locked out stays out', async () => {
    const socket = await open(aRoom(), tokenFor('mallory')).open();
    await server.call('POST', '/api/v1/tokens/revoke', { user: 'mallory' });
    expect(await socket.end()).toMatchObject({ code: 4401 });
    expect(await open(aRoom(), tokenFor('mallory')).end()).toMatchObject({ code: 4401 });
  });

  test.each<[string, Buffer | string, RegExp]>([
    ['a text', '{"action":"ping"}', /add \?json=1/],
    ['bytes that end too soon', Buffer.from([0, 2, 200]), /no y-protocols/],
    ['an update that Yjs cannot read', Buffer.from(updateMessage(Uint8Array.of(1, 1, 1, 1))), /none that Yjs can read/],
    ['a state that is no JSON', Buffer.from(awarenessMessage([{ client: 1, clock: 1, state: '{' }])), /no y-protocols/],
    ['a number of more than 53 bits', Buffer.from([255, 255, 255, 255, 255, 255, 255, 255, 1]), /53 bits/],
    ['the first message of Hocuspocus', Buffer.from('\u0005notes\u0002'), /use the provider of y-websocket/],
  ])('%s ends the connection for good, with the reason', async (_what, message, reason) => {
    const socket = await open().open();
    socket.ws.send(message);
    expect(await socket.end()).toMatchObject({ code: 4400, reason: expect.stringMatching(reason) });
  });

  test('messages of an application’s own are left alone, and so is what is only for clients', async () => {
    const socket = await open().open();
    socket.ws.send(stateVectorMessage(Uint8Array.of(0)));
    for (const bytes of [[9, 1, 1], [2, 0, 0], [3]]) socket.ws.send(Buffer.from(bytes));
    await until(() => socket.received.length >= 3);
    expect(socket.kinds).toEqual(['state_vector', 'update', 'awareness']);
    expect(socket.closed).toBeNull();
  });

  test('ids of clients have 53 bits, in documents and in states', async () => {
    const room = aRoom();
    const [ann, bob] = [new Y.Doc(), new Y.Doc()];
    ann.clientID = Number.MAX_SAFE_INTEGER;
    const [first, second] = [ann, bob].map((doc, n) => new Editor(server, room, `u${n}`, { doc })) as [Editor, Editor];
    onTestFinished(() => {
      for (const one of [first, second]) one.destroy();
    });
    await Promise.all([first.synced(), second.synced()]);
    first.type('hello');
    first.provider.awareness.setLocalState({ name: 'Ann' });
    await until(() => second.text === 'hello' && second.others.has(Number.MAX_SAFE_INTEGER));
    expect(bob.store.clients.has(Number.MAX_SAFE_INTEGER)).toBe(true);
  });

  test('a state belongs to who brought it: another user changes and removes none', async () => {
    const room = aRoom();
    const [ann, eve] = [await open(room).open(), await open(room, tokenFor('eve')).open()];
    const state = (clock: number, name: string | null) =>
      ann && awarenessMessage([{ client: 7, clock, state: name && JSON.stringify({ name }) }]);
    ann.ws.send(state(1, 'Ann'));
    await until(() => eve.kinds.includes('awareness'));
    eve.ws.send(state(2, 'Mallory'));
    eve.ws.send(state(3, null));
    eve.ws.send(Buffer.from([3]));
    await until(() => eve.kinds.filter((kind) => kind === 'awareness').length === 2);
    expect(readMessage(eve.received.at(-1) as Buffer)).toMatchObject({
      states: [{ clock: 1, state: '{"name":"Ann"}' }],
    });
    ann.ws.terminate();
    await until(() => eve.kinds.filter((kind) => kind === 'awareness').length === 3);
    expect(readMessage(eve.received.at(-1) as Buffer)).toMatchObject({ states: [{ client: 7, state: null }] });
  });

  test('a client that hears nothing for long is shown that the server is there', async () => {
    const socket = await open().open();
    const count = socket.received.length;
    await expect.poll(() => socket.received.length > count, { timeout: 25_000 }).toBe(true);
    expect(socket.received.at(-1)).toEqual(Buffer.from([1, 1, 0]));
  }, 20_000);

  test('one that comes back at once, for ever, is slowed', async () => {
    const room = aRoom();
    let opened = 0;
    for (const end = Date.now() + 3_000; Date.now() < end; opened++) {
      const socket = await open(room, tokenFor('loop')).open();
      socket.ws.close();
      await socket.end();
    }
    expect(opened).toBeLessThan(16);
    expect(opened).toBeGreaterThan(8);
  });

  test('clients of the JSON protocol have their session of the room', async () => {
    const room = aRoom();
    const jwt = tokenFor('ann');
    for (const socket of [
      server.open(`/ws/collaboration/${room}/?json=1&token=${jwt}`),
      server.open(`/ws/collaboration/${room}/`, ['tidings.v1', `bearer.${jwt}`]),
    ]) {
      await socket.settled();
      expect(socket.received[0]).toMatchObject({ type: 'connection_established', user_id: 'ann' });
    }
  });

  test('with ?json=1 a provider has the events of its room on the same connection', async () => {
    const room = aRoom();
    const socket = open(room, tokenFor('ann'), { query: '&json=1' });
    const texts: { type: string; event?: string; ref?: number }[] = [];
    const bytes: Buffer[] = [];
    socket.ws.on('message', (data: Buffer, isBinary) => {
      if (isBinary) bytes.push(data);
      else texts.push(JSON.parse(data.toString()));
    });
    await until(() => texts.some(({ type }) => type === 'synced'));
    // A client that speaks JSON only is sent nothing else.
    expect(bytes).toEqual([]);
    const editor = new Editor(server, room, 'bob');
    onTestFinished(() => editor.destroy());
    await editor.synced();
    editor.type('hello');
    socket.ws.send(stateVectorMessage(Uint8Array.of(0)));
    await until(() => bytes.length >= 2);
    const doc = new Y.Doc();
    socket.ws.send(updateMessage(updateOf((one) => one.getText('t').insert(0, 'both '), doc)));
    await until(() => editor.text.includes('both') && editor.text.includes('hello'));
    const action = { action: 'send', room: `collaboration:${room}`, event: 'said', data: {}, ref: 7 };
    // Actions in binary messages are read as ever.
    socket.ws.send(Buffer.from(JSON.stringify(action)));
    await until(() => texts.some(({ event }) => event === 'said') && texts.some(({ ref }) => ref === 7));
    editor.type('!');
    await until(() => bytes.length >= 4);
    await server.call('POST', '/api/v1/users/ann/disconnect', {});
    expect(await socket.end()).toMatchObject({ code: 4403 });
    expect(await open(room, tokenFor('ann', { exp: inSeconds(-5) }), { query: '&json=1' }).end()).toMatchObject({
      code: 4501,
    });
  });
});

describe('limits of documents', () => {
  const serve = async (limits: object): Promise<RunningServer> => {
    const server = await RunningServer.start({ limits });
    onTestFinished(() => server.stop());
    return server;
  };

  test('a document that is full takes what removes from it, and nothing that adds', async () => {
    const server = await serve({ maxDocumentBytes: 10_000, maxDocumentUpdateBytes: 8_000 });
    const room = aRoom();
    const doc = new Y.Doc();
    const ann = await new RawSocket(server, room, tokenFor('ann')).open();
    ann.ws.send(updateMessage(updateOf((one) => one.getText('t').insert(0, 'x'.repeat(7_000)), doc)));
    await until(() => ann.kinds.length === 2);
    const eve = await new RawSocket(server, room, tokenFor('eve')).open();
    eve.ws.send(updateMessage(updateOf((one) => one.getText('t').insert(0, 'y'.repeat(7_000)))));
    expect(await eve.end()).toMatchObject({ code: 4400, reason: expect.stringMatching(/document has 10000 bytes/) });
    ann.ws.send(updateMessage(updateOf((one) => one.getText('t').delete(0, 7_000), doc)));
    await until(() => ann.kinds.length === 3);
    // There is space again.
    ann.ws.send(updateMessage(updateOf((one) => one.getText('t').insert(0, 'z'.repeat(7_000)), doc)));
    await until(() => ann.kinds.length === 4);
    expect(ann.closed).toBeNull();
  });

  test('a message that is too large ends its connection, which comes back', async () => {
    const server = await serve({ maxDocumentUpdateBytes: 2_000 });
    const socket = await new RawSocket(server, aRoom(), tokenFor('ann')).open();
    socket.ws.send(updateMessage(updateOf((doc) => doc.getText('t').insert(0, 'x'.repeat(5_000)))));
    expect(await socket.end()).toMatchObject({ code: 1009 });
  });

  test('a state that is too large is not shown, and its client is told why', async () => {
    const server = await serve({ maxAwarenessBytes: 100 });
    const room = aRoom();
    const [ann, bob] = [
      await new RawSocket(server, room, tokenFor('ann')).open(),
      await new RawSocket(server, room, tokenFor('bob')).open(),
    ];
    ann.ws.send(awarenessMessage([{ client: 1, clock: 1, state: JSON.stringify('x'.repeat(100)) }]));
    ann.ws.send(awarenessMessage([{ client: 2, clock: 1, state: '{}' }]));
    await until(() => bob.kinds.includes('awareness'));
    expect(readMessage(bob.received.at(-1) as Buffer)).toMatchObject({ states: [{ client: 2 }] });
    await until(() => ann.kinds.includes('auth'));
    expect(String(ann.received[1])).toContain('may have 100 bytes');
  });

  test('so many documents are open at a time, and the next are asked to come later', async () => {
    const server = await serve({ maxOpenDocuments: 2 });
    const [a, b] = [
      await new RawSocket(server, 'a', tokenFor('ann')).open(),
      new RawSocket(server, 'b', tokenFor('ann')),
    ];
    await b.open();
    expect(await new RawSocket(server, 'c', tokenFor('ann')).end()).toMatchObject({ code: 1013 });
    expect((await new RawSocket(server, 'a', tokenFor('bob')).open()).closed).toBeNull();
    a.ws.close();
    b.ws.close();
    await until(() => a.closed !== null && b.closed !== null);
    // They are closed once the last of their connections is.
    const come = async () => (await new RawSocket(server, 'c', tokenFor('ann')).open()).closed;
    await expect.poll(come, { interval: 100 }).toBeNull();
  });

  test('too many messages end the connection for a while', async () => {
    const server = await serve({ documentMessageBurst: 20, documentMessagesPerSecond: 5 });
    const socket = await new RawSocket(server, aRoom(), tokenFor('ann')).open();
    for (let n = 0; n < 30; n++) socket.ws.send(awarenessMessage([{ client: 1, clock: n + 1, state: '{}' }]));
    expect(await socket.end()).toMatchObject({ code: 4529 });
  });

  test('who does not read is closed, and comes back, while the others go on', async () => {
    const server = await serve({ documentOutboxBytes: 200_000 });
    const room = aRoom();
    const [slow, quick] = [
      await new RawSocket(server, room, tokenFor('slow')).open(),
      await new RawSocket(server, room, tokenFor('quick')).open(),
    ];
    slow.ws.pause();
    const doc = new Y.Doc();
    const closed = async () => {
      const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${apiKey}` } });
      return readMetrics(await metrics.text()).value('tidings_refused_total', 'limit="documentOutboxBytes"');
    };
    // The network takes some megabytes first. Whoever does not read the close either is cut off some seconds later.
    while ((await closed()) === 0) {
      const count = quick.received.length;
      quick.ws.send(updateMessage(updateOf((one) => one.getArray('a').push(['x'.repeat(200_000)]), doc)));
      await until(() => quick.received.length > count);
    }
    expect(quick.closed).toBeNull();
    slow.ws.resume();
    expect(await slow.end()).toMatchObject({ code: 4508 });
  });

  test('who reads late gets all there was, in order', async () => {
    const server = await serve({ documentOutboxBytes: 20_000_000 });
    const room = aRoom();
    const [slow, quick] = [
      await new RawSocket(server, room, tokenFor('slow')).open(),
      await new RawSocket(server, room, tokenFor('quick')).open(),
    ];
    const read = new Y.Doc();
    let isInOrder = true;
    slow.ws.on('message', (data: Buffer) => {
      const message = readMessage(data);
      if (message.kind === 'update') Y.applyUpdate(read, message.update);
      isInOrder &&= read.store.pendingStructs === null;
    });
    slow.ws.pause();
    const doc = new Y.Doc();
    const all = Array.from({ length: 40 }, (_, n) => `${n}`.padEnd(200_000));
    for (const text of all) {
      const count = quick.received.length;
      quick.ws.send(updateMessage(updateOf((one) => one.getArray('a').push([text]), doc)));
      await until(() => quick.received.length > count);
    }
    slow.ws.resume();
    await until(() => read.getArray('a').length === 40);
    expect([isInOrder, slow.closed]).toEqual([true, null]);
    expect(read.getArray('a').toArray()).toEqual(all);
  }, 30_000);

  test('a server that stops has its editors come back, with all that they wrote', async () => {
    const server = await serve({});
    const editor = new Editor(server, aRoom(), 'ann');
    onTestFinished(() => editor.destroy());
    await editor.synced();
    editor.type('before ');
    await server.restart(async () => {
      editor.type('meanwhile');
    });
    await until(() => editor.closes.length > 0 && editor.provider.wsconnected && editor.provider.synced);
    expect(editor.closes[0]).toMatchObject({ code: 1012 });
    const later = new Editor(server, editor.provider.roomname, 'bob');
    onTestFinished(() => later.destroy());
    await until(() => later.text === 'before meanwhile');
  }, 20_000);
});
