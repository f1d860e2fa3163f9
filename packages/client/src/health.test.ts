import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tidings } from '@tidings/server';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { prepared } from '../../../testing/prepared.ts';
import { createTidingsClient } from './create-client.ts';
import { type Health, systemHealth } from './health.ts';
import { room } from './room.ts';
import { PageProxy, type ProxyFaults } from './testing/page-proxy.ts';
import { serverOn, tokenOf } from './testing/page-site.ts';
import { fallbackTransport } from './transport/fallback.ts';

// A silent proxy is waited for by the client, and by the health.
vi.setConfig({ testTimeout: 60_000 });

const logger = { warn() {}, error() {} };
const path = '/api/v1/health';
let folder: string;
let tidings: Tidings;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-health-'));
  tidings = await serverOn(`sqlite:${prepared(join(folder, 'tidings.db'))}`);
  ({ port } = await tidings.listen({ port: 0 }));
});
afterAll(async () => {
  await tidings?.close();
  rmSync(folder, { recursive: true });
});

interface Options {
  faults?: ProxyFaults;
  WebSocket?: typeof globalThis.WebSocket;
  roles?: string[];
}

/** The health as a client is shown it that connects through a proxy. */
async function healthBy({ faults = { upgrades: 'passed' }, WebSocket, roles = ['admin'] }: Options) {
  const proxy = await PageProxy.to(port, new Map(), faults);
  onTestFinished(() => proxy.close());
  const token = tokenOf(`who-is-${roles}`, { roles });
  const client = createTidingsClient({
    ...{ url: proxy.url, token, logger, reconnect: { minDelayMs: 50, maxDelayMs: 200 } },
    ...{ transport: fallbackTransport({ WebSocket }), WebSocket },
  });
  onTestFinished(() => client.disconnect());
  const health = systemHealth(client);
  client.connect().catch(() => {});
  return { proxy, client, health };
}

const status = (health: Health, expected: string) =>
  expect.poll(() => health.getSnapshot().status, { timeout: 40_000 }).toBe(expected);
/** Waits for an answer that came after the newest one. */
async function nextAnswer(health: Health): Promise<void> {
  const before = health.getSnapshot().health;
  await expect.poll(() => health.getSnapshot().health, { timeout: 20_000 }).not.toBe(before);
}

/** A runtime that has no WebSocket, as Node 20. */
const none = class {
  constructor() {
    throw new TypeError('WebSocket is not a constructor');
  }
} as unknown as typeof WebSocket;

test.each([
  ['upgrades are refused', { faults: { upgrades: 'refused' } }],
  ['upgrades are not answered', { faults: { upgrades: 'silent' } }],
  ['there is no WebSocket', { WebSocket: none }],
] as const)('where %s the health comes by HTTP, again and again', async (_, options) => {
  const { proxy, health } = await healthBy(options);
  await status(health, 'live');
  expect(proxy.paths).toContain(path);
  expect(health.getSnapshot()).toMatchObject({
    health: { status: 'ok', components: { store: { state: 'ok' } }, other_nodes: [], history: [] },
    reason: null,
  });
  await nextAnswer(health);
  expect(health.getSnapshot().status).toBe('live');
});

describe('by HTTP', () => {
  const faults: ProxyFaults = { upgrades: 'refused' };

  test('the health stays, as lost, while no answer comes, and is live again once one does', async () => {
    const { proxy, health } = await healthBy({ faults });
    await status(health, 'live');
    proxy.faults = { ...faults, refuses: /./ };
    proxy.cut();
    await status(health, 'lost');
    expect(health.getSnapshot().health).not.toBeNull();
    proxy.faults = faults;
    await status(health, 'live');
    await nextAnswer(health);
  });

  test('the health comes also beside a room that is followed unseen', async () => {
    const { client, health } = await healthBy({ faults });
    health.close();
    await tidings.rooms.setMember('project:12', 'who-is-admin', 'r');
    const hidden = room(client, 'project:12', { presence: false });
    await expect.poll(() => hidden.getSnapshot().status, { timeout: 40_000 }).toBe('ready');
    const beside = systemHealth(client);
    await status(beside, 'live');
    await nextAnswer(beside);
  });

  test('who is no administrator is refused, and not asked about again', async () => {
    const { proxy, health } = await healthBy({ faults, roles: ['finance'] });
    const asked = () => proxy.paths.filter((one) => one === path).length;
    await status(health, 'refused');
    expect(health.getSnapshot()).toMatchObject({ health: null, reason: { code: 'forbidden' } });
    expect(asked()).toBe(1);
    health.retry();
    await expect.poll(asked).toBe(2);
    await status(health, 'refused');
  });

  test('once all have closed it nothing is asked any more', async () => {
    const { proxy, health, client } = await healthBy({ faults });
    const other = systemHealth(client);
    await status(health, 'live');
    health.close();
    await nextAnswer(other);
    other.close();
    const asked = proxy.paths.length;
    const last = other.getSnapshot();
    const late = systemHealth(client);
    await status(late, 'live');
    // Its own question is the only one that came since.
    expect(proxy.paths.slice(asked).filter((one) => one === path)).toHaveLength(1);
    expect(other.getSnapshot()).toBe(last);
    late.close();
  });
});

test('where a WebSocket gets through it comes by that, and nothing is asked by HTTP', async () => {
  const { proxy, health } = await healthBy({});
  await status(health, 'live');
  await nextAnswer(health);
  expect(proxy.paths).toContain('/ws/system-health/');
  expect(proxy.paths).not.toContain(path);
});
