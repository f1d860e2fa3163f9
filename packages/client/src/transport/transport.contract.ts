import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrameMap, FrameType, ServerFrame } from '@tidings/protocol';
import { createTidings, type Tidings } from '@tidings/server';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { until } from '../testing/until.ts';
import type { Transport, TransportAddress, TransportClose, TransportConnection } from './transport.ts';

/** Connects by a transport and records its events. */
class Recording {
  readonly texts: string[] = [];
  readonly closes: TransportClose[] = [];
  readonly connection: TransportConnection;

  constructor(transport: Transport, address: TransportAddress) {
    this.connection = transport.connect(address, {
      receive: (text) => this.texts.push(text),
      closed: (close) => this.closes.push(close),
    });
  }

  get frames(): ServerFrame[] {
    return this.texts.map((text) => JSON.parse(text));
  }

  async frameOf<T extends FrameType>(type: T): Promise<FrameMap[T]> {
    const find = () => this.frames.find((frame) => frame.type === type);
    await until(() => find() !== undefined);
    return find() as FrameMap[T];
  }
}

const apiKey = 'key-of-the-transport-contract-of-the-client';

/** A server on a real socket, which takes the name of a user in the address. */
class RealServer {
  readonly tidings: Tidings;
  readonly base: URL;
  readonly #http: Server;
  readonly #folder: string;

  constructor(tidings: Tidings, http: Server, folder: string) {
    this.tidings = tidings;
    this.base = new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/`);
    this.#http = http;
    this.#folder = folder;
  }

  static async start(): Promise<RealServer> {
    const folder = mkdtempSync(join(tmpdir(), 'tidings-transport-'));
    const database = `sqlite:${prepared(join(folder, 'tidings.db'))}`;
    const tidings = await createTidings({ dev: true, database, auth: { apiKeys: [apiKey] } });
    const http = createServer();
    tidings.attach(http);
    await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
    return new RealServer(tidings, http, folder);
  }

  /** The open connections of alice; by long polling there is none between two requests. */
  async connections(): Promise<unknown[]> {
    const headers = { authorization: `Bearer ${apiKey}` };
    const response = await fetch(new URL('api/v1/users/alice/connections', this.base), { headers });
    return ((await response.json()) as { connections: unknown[] }).connections;
  }

  async stop(): Promise<void> {
    if (!this.#http.listening) return;
    await this.tidings.close();
    this.#http.closeAllConnections();
    await new Promise((closed) => this.#http.close(closed));
    rmSync(this.#folder, { recursive: true });
  }
}

/** The contract of a transport, against a server on a real socket. */
export function transportContract(name: string, makeTransport: () => Transport): void {
  describe(`the contract of a transport, held by ${name}`, () => {
    let server: RealServer;
    let address: TransportAddress;
    const open: Recording[] = [];

    beforeAll(async () => {
      server = await RealServer.start();
      address = { url: server.base, token: '', query: { user: 'alice' } };
    });
    afterEach(() => {
      for (const { connection } of open.splice(0)) connection.close();
    });
    afterAll(() => server.stop());

    function connect(change: Partial<TransportAddress> = {}): Recording {
      const made = new Recording(makeTransport(), { ...address, ...change });
      open.push(made);
      return made;
    }

    test('delivers each frame as one text, in the order sent, from the greeting on', async () => {
      const alice = connect();
      await alice.frameOf('synced');
      for (let n = 0; n < 50; n++) await server.tidings.wsSendMessage('alice', `message ${n}`);
      await until(() => alice.frames.filter(({ type }) => type === 'user_message').length === 50);
      expect(alice.frames[0]).toMatchObject({ type: 'connection_established', user_id: 'alice' });
      const messages = alice.frames.filter((frame) => frame.type === 'user_message');
      expect(messages.map(({ message }) => message)).toEqual(Array.from({ length: 50 }, (_, n) => `message ${n}`));
    });

    test('sends actions, in order, which the server answers', async () => {
      const alice = connect();
      await alice.frameOf('synced');
      for (const ref of [1, 2, 3]) alice.connection.send(JSON.stringify({ action: 'list', ref }));
      await until(() => alice.frames.filter(({ type }) => type === 'reply').length === 3);
      const replies = alice.frames.filter((frame) => frame.type === 'reply');
      expect(replies.map(({ ref }) => ref)).toEqual([1, 2, 3]);
    });

    test('names in its address the cursor that a session resumes from', async () => {
      const first = connect();
      const { cursor } = await first.frameOf('synced');
      first.connection.close();
      await server.tidings.wsSendMessage('alice', 'missed');
      const second = connect({ query: { ...address.query, cursor: cursor as string } });
      await second.frameOf('synced');
      expect(second.frames[0]).toMatchObject({ type: 'connection_established', recovered: true });
      expect(second.frames).toContainEqual(expect.objectContaining({ message: 'missed', replayed: true }));
    });

    test('brings a session that is many pages behind up to date once: one greeting, all that was missed, marked as such, one synced', async () => {
      const first = connect();
      const { cursor } = await first.frameOf('synced');
      first.connection.close();
      const missed = Array.from({ length: 1_200 }, (_, n) => server.tidings.wsSendMessage('alice', `missed ${n}`));
      expect(await Promise.all(missed)).not.toContain(false);
      const second = connect({ query: { ...address.query, cursor: cursor as string } });
      await second.frameOf('synced');
      await server.tidings.wsSendMessage('alice', 'live');
      await until(() => second.texts.some((text) => text.includes('"live"')));
      const kinds = second.frames.map(({ type }) => type).filter((type) => type !== 'user_message' && type !== 'ping');
      expect(kinds.filter((type) => type === 'connection_established' || type === 'synced')).toEqual(kinds.slice(0, 2));
      const messages = second.frames.filter((frame) => frame.type === 'user_message');
      expect(new Set(messages.map(({ message }) => message)).size).toBe(1_201);
      expect(messages.map(({ replayed = false }) => replayed)).toEqual([...missed.map(() => true), false]);
    });

    test('carries the token: the server refuses one that it does not know, which is told once', async () => {
      const stranger = connect({ token: 'no.such.token', query: {} });
      await until(() => stranger.closes.length > 0);
      expect(stranger.frames.filter(({ type }) => type === 'connection_established')).toEqual([]);
      expect(stranger.closes).toHaveLength(1);
    });

    test('says what its session does in a room, and follows another unseen', async () => {
      const alice = connect();
      await alice.frameOf('synced');
      const answer = async (action: object, ref: number) => {
        alice.connection.send(JSON.stringify({ ...action, ref }));
        const find = () => alice.frames.find((frame) => 'ref' in frame && frame.ref === ref);
        await until(() => find() !== undefined);
        return find()?.type;
      };
      const { rooms } = server.tidings;
      const states = async (room: string) =>
        (await rooms.presence(room)).flatMap(({ sessions }) => Object.values(sessions));
      for (const room of ['project:1', 'project:2']) await rooms.setMember(room, 'alice', 'r');
      expect(await answer({ action: 'subscribe', room: 'project:1' }, 1)).toBe('reply');
      expect(await answer({ action: 'presence', room: 'project:1', state: { line: 1 } }, 2)).toBe('reply');
      expect(await states('project:1')).toEqual([{ line: 1 }]);
      expect(await answer({ action: 'subscribe', room: 'project:2', presence: false }, 3)).toBe('reply');
      expect([await states('project:1'), await states('project:2')]).toEqual([[{ line: 1 }], []]);
    });

    test('throws where a token cannot be sent', () => {
      expect(() => connect({ token: 'two words\n' })).toThrow();
    });

    test.each(['before the first frame', 'while connected'])(
      'close() %s ends it for the server too, and no event follows',
      async (moment) => {
        const alice = connect();
        if (moment === 'while connected') await alice.frameOf('synced');
        alice.connection.close();
        alice.connection.close();
        const received = alice.texts.length;
        await expect.poll(() => server.connections()).toEqual([]);
        const next = connect();
        await next.frameOf('synced');
        await server.tidings.wsSendMessage('alice', 'heard by the next only');
        await until(() =>
          next.frames.some((frame) => 'message' in frame && frame.message === 'heard by the next only'),
        );
        expect([alice.texts.length, alice.closes]).toEqual([received, []]);
      },
    );

    test('answers a probe, and says how long a connection that lives may be silent', async () => {
      const alice = connect();
      await alice.frameOf('synced');
      expect(alice.connection.traits.silenceMs).toBeGreaterThan(25_000);
      alice.connection.send('{"action":"ping","ref":0}');
      await until(() => alice.texts.some((text) => /"reply"/.test(text) && /"ref":0/.test(text)));
    });

    test('tells with code and reason that the server ends the connection, once and last; then, that no server answers', async () => {
      const alice = connect();
      await alice.frameOf('synced');
      await expect.poll(() => server.connections()).toHaveLength(1);
      await server.stop();
      await until(() => alice.closes.length > 0);
      const received = alice.texts.length;
      expect(alice.closes).toEqual([expect.objectContaining({ code: 1012, reason: expect.stringContaining('retry') })]);
      const late = connect();
      await until(() => late.closes.length > 0);
      expect([late.texts, late.closes.length]).toEqual([[], 1]);
      expect([alice.closes.length, alice.texts.length]).toEqual([1, received]);
    });
  });
}
