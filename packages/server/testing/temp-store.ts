import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../src/domain/ports.ts';
import { roomEventRecord } from '../src/domain/room-events.ts';
import { type RoomAccess, roomOfTopic } from '../src/domain/rooms.ts';
import type { BindWrite, MemberWrite, PutWrite, ReceiptWrite, RightsWrite } from '../src/domain/writes.ts';
import { sqlStore } from '../src/store/sql-store.ts';
import { SqliteEngine } from '../src/store/sqlite/engine.ts';

/** A folder of its own for one test. */
export class TempFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'tidings-'));

  file(name = 'tidings.db'): string {
    return join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The real store on a real file. */
export const sqliteStore = (path: string, now?: () => number): Store => sqlStore(new SqliteEngine(path, now));

/** A store of which some functions are others. */
export const storeWith = (store: Store, over: Partial<Store>): Store =>
  new Proxy(store, {
    get(target, name) {
      const found: unknown = Reflect.get(over, name) ?? Reflect.get(target, name);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });

/** The reads of a catch-up, and of what is subscribed to. */
type SessionRead = 'changesSince' | 'topicSnapshot' | 'roomMembership';

/** A store of which `at` is awaited before and behind each of these reads. */
export function storeAround(store: Store, reads: readonly SessionRead[], at: () => Promise<void>): Store {
  const around =
    (name: SessionRead) =>
    async (...query: unknown[]) => {
      await at();
      const found: unknown = await Reflect.apply(store[name], store, query);
      await at();
      return found;
    };
  return storeWith(store, Object.fromEntries(reads.map((name) => [name, around(name)])));
}

let made = 0;

/** A notification as the domain would write it. */
export function put(over: Partial<PutWrite> = {}): PutWrite {
  const id = over.id ?? `put-${++made}`;
  return {
    ...{ op: 'put', id, kind: 'notification', topics: ['user:1'], viewers: null, state: null, alert: 'ask' },
    ...{ expired: false, category: '', type: 'user_message', search: null, dueAt: null, collapse: null },
    ...{ expect: null, owner: null, status: null, externalId: null, at: 1_000, key: null },
    body: JSON.stringify({ type: 'user_message', id, timestamp: '2026-01-31T09:30:00.000Z', message: id, data: {} }),
    ...over,
  };
}

/** An event of a room, by the room's topic. */
export const event = (id: string, topic: string, { at = 1_000, key = null }: Partial<PutWrite> = {}): PutWrite =>
  roomEventRecord(id, { room: roomOfTopic(topic), event: 'said', from: null, data: { id } }, at, key);

/** Sets the right of a user in a room. */
export const member = (userId: string, topic: string, access: RoomAccess | null): MemberWrite => ({
  ...{ op: 'member', userId, topic, access, at: 1_000 },
});

export const bind = (userId: string, username: string): BindWrite => ({ op: 'bind', userId, username });

export function receipt(userId: string, over: Partial<ReceiptWrite>): ReceiptWrite {
  const topics = [`user:${userId}`, 'everyone'];
  return { op: 'receipt', userId, topics, ids: [], upTo: null, mark: 'read', until: null, at: 2_000, ...over };
}

/** Makes a user a member of roles, by their names, and of everyone. */
export const rights = (userId: string, roles: readonly string[], over: Partial<RightsWrite> = {}): RightsWrite => ({
  ...{ op: 'rights', userId, roles, topics: ['everyone', ...roles.map((role) => `role:${role}`)] },
  ...{ issuedAt: 1_000, visibleFrom: 0, at: 1_000, ...over },
});
