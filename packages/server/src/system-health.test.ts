import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { NodeHealth, SystemHealth } from '@tidings/protocol';
import { describe, expect, type TestContext, test } from 'vitest';
import { ServeProcess } from '../testing/cli/serve-process.ts';
import { DocumentCheck } from '../testing/document-check.ts';
import { FaultyBroker } from '../testing/faulty-broker.ts';
import { freePort } from '../testing/free-port.ts';
import { healthAt, holds, shows } from '../testing/health.ts';
import { PostgresServer } from '../testing/postgres-server.ts';
import { apiKey, PlainSocket, RunningServer } from '../testing/running-server.ts';
import { selfSigned } from '../testing/self-signed.ts';
import { TempFolder } from '../testing/temp-store.ts';
import { secret, token } from '../testing/tokens.ts';
import { MemoryEphemeral } from './broker/memory/memory-ephemeral.ts';
import { parseDatabase } from './config/database.ts';
import type { TidingsOptions } from './config/options.ts';
import type { Store } from './domain/ports.ts';
import { canaryWrite } from './health/canary/record.ts';
import { nodeParts } from './node-parts.ts';
import { openTidings } from './server.ts';
import type { SqlEngine } from './store/engine.ts';
import { sqlStore } from './store/sql-store.ts';

const auth = { jwtSecret: secret, apiKeys: [apiKey] };

const beats = (url: string) =>
  shows(url, {
    status: 'ok',
    canary: { running: true, sent_at: expect.any(String), long_poll_ms: expect.any(Number) },
  });

type WhenFinished = TestContext['onTestFinished'];

async function start(onTestFinished: WhenFinished, options: TidingsOptions = {}): Promise<RunningServer> {
  const server = await RunningServer.start({ ...options, health: { canary: true } });
  onTestFinished(() => server.stop());
  return server;
}

/** A server of whose links to its database some are others. */
async function startWith(
  onTestFinished: WhenFinished,
  change: (links: Awaited<ReturnType<typeof nodeParts>>) => object,
): Promise<string> {
  const folder = new TempFolder();
  onTestFinished(() => folder.remove());
  const location = parseDatabase(`sqlite:${folder.file()}`, undefined, (name) => name);
  const tidings = await openTidings({ auth }, location, null, async (...args) => {
    const links = await nodeParts(...args);
    return { ...links, ...change(links) };
  });
  onTestFinished(() => tidings.close());
  return (await tidings.listen({ port: 0 })).url;
}

/** A broker that accepts batches, and loses them from a time on. */
class LosingBroker extends FaultyBroker {
  isLosing = false;
  constructor() {
    super([{ after: 0, times: 1 }]);
  }
  override bring(...[batch]: Parameters<FaultyBroker['bring']>): void {
    if (!this.isLosing) super.bring(batch);
  }
}

/** An engine whose reads of late ranges, which only a hub makes, hang while the test says so. */
function engineWithout(engine: SqlEngine, isStuck: () => boolean): SqlEngine {
  return new Proxy(engine, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (typeof found !== 'function') return found;
      if (name !== 'read') return found.bind(target);
      return (steps: readonly { name?: string }[]) => {
        const isOfHub = steps.some((one) => one.name === 'rangeAlerts');
        return isOfHub && isStuck() ? new Promise(() => {}) : found.call(target, steps);
      };
    },
  });
}

/** An engine that takes so much longer to commit, ms. */
function slowToCommit(engine: SqlEngine, ms: number): SqlEngine {
  return new Proxy(engine, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (typeof found !== 'function') return found;
      if (name !== 'apply') return found.bind(target);
      return async (...args: unknown[]) => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        return found.apply(target, args);
      };
    },
  });
}

/** 10 s, and what a busy machine takes more. */
const shownWithin = 15_000;

describe.concurrent('a break that no component notices is shown within 10 s', () => {
  test.concurrent('a broker accepts what is committed and does not deliver it', async ({ onTestFinished }) => {
    const broker = new LosingBroker();
    const url = await startWith(onTestFinished, () => ({ broker }));
    await beats(url);
    broker.isLosing = true;
    await shows(url, { status: 'degraded', components: { canary: { state: 'degraded' } } }, shownWithin);
    const { components, incidents } = await healthAt(url);
    expect(components.canary?.reasons).toEqual([
      expect.stringMatching(/the broker accepts batches and does not deliver/),
    ]);
    expect(Object.entries(components).filter(([, { state }]) => state !== 'ok')).toHaveLength(1);
    expect(incidents).toMatchObject([{ component: 'canary', state: 'degraded', ended_at: null }]);
    expect((await fetch(`${url}/healthz`)).status, 'what is sent arrives, if late').toBe(200);
    broker.isLosing = false;
    await shows(url, { status: 'ok', incidents: [{ component: 'canary', ended_at: expect.any(String) }] }, 20_000);
  });

  test.concurrent('a hub is stuck', async ({ onTestFinished }) => {
    const broker = new LosingBroker();
    const url = await startWith(onTestFinished, ({ engine }) => ({
      broker,
      engine: engineWithout(engine, () => broker.isLosing),
    }));
    await beats(url);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    broker.isLosing = true;
    await shows(url, { status: 'degraded', components: { canary: { state: 'degraded' } } }, shownWithin);
    // A process that only stood still for a while gets traffic all the same.
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await shows(url, { status: 'down', components: { canary: { state: 'down' } } }, 20_000);
    const { components, canary } = await healthAt(url);
    expect(components.canary?.reasons).toEqual([
      expect.stringMatching(/^a record was committed, and the hub has not released it/),
    ]);
    expect(canary).toMatchObject({ commit_ms: expect.any(Number), hub_ms: null, websocket_ms: null });
    expect(components.store?.state).toBe('ok');
    const probed = await fetch(`${url}/healthz`);
    expect([probed.status, await probed.json()]).toMatchObject([503, { status: 'down', database: { ok: true } }]);
    expect((await fetch(`${url}/readyz`)).status, 'records can be stored').toBe(200);
  });
});

test.concurrent('a database that hangs is down, with an incident that begins and ends, and its state is known meanwhile', async ({
  onTestFinished,
}) => {
  const postgres = await PostgresServer.start();
  onTestFinished(() => postgres.remove());
  const server = await start(onTestFinished, { database: postgres.url('postgres') });
  await beats(server.url);
  expect((await healthAt(server.url)).components).toMatchObject({ clock: { state: 'ok' }, store: { state: 'ok' } });
  await postgres.freeze();
  try {
    await shows(server.url, { status: 'down', components: { store: { state: 'down' } } }, shownWithin);
    // By the probe, by the read of one row, or by a commit, whichever is first.
    const reason = expect.stringMatching(/(has|did) not answer|needs more than 1 s/);
    const incident = { component: 'store', ended_at: null, reasons: expect.arrayContaining([reason]) };
    await holds(async () =>
      expect((await healthAt(server.url)).incidents).toContainEqual(expect.objectContaining(incident)),
    );
  } finally {
    await postgres.thaw();
  }
  await shows(server.url, { status: 'ok' }, 30_000);
  const { incidents } = await healthAt(server.url);
  expect(incidents.every(({ ended_by }) => ended_by === 'recovery')).toBe(true);
}, 90_000);

test.concurrent('two nodes hear each other, and each shows the health of both; one that stops is not missed', async ({
  onTestFinished,
}) => {
  const postgres = await PostgresServer.start();
  onTestFinished(() => postgres.remove());
  const database = postgres.url('postgres');
  const one = await start(onTestFinished, { database });
  const other = await RunningServer.start({ database, health: { canary: true } });
  const both = (health: SystemHealth) => [health.node, ...health.other_nodes.map(({ node }) => node)].sort();
  await Promise.all([beats(one.url), beats(other.url)]);
  await holds(async () => expect(both(await healthAt(one.url))).toHaveLength(2));
  expect(both(await healthAt(one.url))).toEqual(both(await healthAt(other.url)));
  const [there] = (await healthAt(one.url)).other_nodes as [NodeHealth];
  expect(there).toMatchObject({ status: 'ok', canary: { running: true }, components: { store: { state: 'ok' } } });
  await other.stop();
  // Longer than a node is expected for.
  await new Promise((resolve) => setTimeout(resolve, 13_000));
  expect(await healthAt(one.url)).toMatchObject({ status: 'ok', other_nodes: [], incidents: [] });
}, 60_000);

test.concurrent('beats of other nodes do not end the long poll of a node before its own has come', async ({
  onTestFinished,
}) => {
  const others = Promise.withResolvers<Store>();
  const url = await startWith(onTestFinished, ({ engine, broker }) => {
    const store = sqlStore(engine);
    store.onBatch((batch) => broker.publish(batch));
    others.resolve(store);
    return { engine: slowToCommit(engine, 100) };
  });
  const store = await others.promise;
  await beats(url);
  let isOver = false;
  const beating = (async () => {
    for (let beat = 1; !isOver; beat++) {
      await store.commit([canaryWrite({ node: 'another', beat })]);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 7_000));
  isOver = true;
  await beating;
  const metrics = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${apiKey}` } })).text();
  expect(metrics).toMatch(/^tidings_canary_sent_total [3-9]$/m);
  expect(metrics).toMatch(/^tidings_canary_lost_total 0$/m);
}, 40_000);

test.concurrent('a node that hears only its own records is degraded, and names the one that it does not hear', async ({
  onTestFinished,
}) => {
  const ephemeral = new MemoryEphemeral();
  // They announce themselves to each other, and have a database each.
  const urls = [
    await startWith(onTestFinished, () => ({ ephemeral })),
    await startWith(onTestFinished, () => ({ ephemeral })),
  ];
  const [here, there] = urls as [string, string];
  await shows(here, { status: 'degraded', components: { canary: { state: 'degraded' } } }, 25_000);
  const { node } = await healthAt(there);
  const { components, canary } = await healthAt(here);
  expect(components.canary?.reasons).toEqual([
    expect.stringMatching(new RegExp(`^node ${node} says that it commits, and nothing of it has arrived for \\d+ s`)),
  ]);
  expect(canary.websocket_ms, 'its own arrive').not.toBeNull();
}, 40_000);

test.concurrent('each worker is a node, whose canary stays inside it, and hears the other', async ({
  onTestFinished,
}) => {
  const folder = new TempFolder();
  onTestFinished(() => folder.remove());
  const settings = { JWT_SECRET: secret, API_KEY: apiKey, PORT: `${await freePort()}`, WORKERS: '2' };
  const server = new ServeProcess({ folder: folder.path, settings });
  onTestFinished(async () => void (await server.end()));
  await server.start();
  const node = { status: 'ok', canary: { connects: 'in_process', websocket_ms: expect.any(Number) } };
  await shows(server.url, { ...node, other_nodes: [node] });
  // Longer than another node's canary is waited for.
  await new Promise((resolve) => setTimeout(resolve, 13_000));
  await shows(server.url, { ...node, other_nodes: [node] });
  const { incidents, other_nodes } = await healthAt(server.url);
  const reasons = [incidents, ...other_nodes.map((other) => other.incidents)].flat().flatMap((one) => one.reasons);
  expect(reasons.filter((reason) => / node n/.test(` ${reason}`))).toEqual([]);
}, 60_000);

test.concurrent('the canary renews one record, is in nobody’s inbox, and is not counted with what users are sent', async ({
  onTestFinished,
}) => {
  const server = await start(onTestFinished);
  const inbox = await server.join('1');
  const before = inbox.received.length;
  await beats(server.url);
  await holds(async () => expect((await server.call('GET', '/metrics')).body).toMatch(/canary_sent_total 3/));
  const { body: metrics } = await server.call('GET', '/metrics');
  const of = (name: string) => Number(new RegExp(`^tidings_${name} (\\d+)$`, 'm').exec(metrics)?.[1]);
  expect(of('recipients_total')).toBe(
    of('hidden_total') + of('written_total') + of('conflated_total') + of('missed_total'),
  );
  expect(of('committed_total')).toBe(of('published_total'));
  expect(metrics).toMatch(/^tidings_accepted_total\{kind="notification"\} 0$/m);
  expect(metrics).toMatch(/^tidings_sessions\{transport="sse"\} 0$/m);
  expect(of('canary_lost_total')).toBe(0);
  expect(inbox.received.slice(before).filter(({ type }) => type !== 'ping')).toEqual([]);
  expect((await server.callAs('1', 'GET', '/api/v1/inbox')).body).toMatchObject({ items: [] });
  expect((await server.call('GET', '/api/v1/connections')).body.users).toHaveLength(1);
  expect((await server.call('GET', '/api/v1/notifications/canary')).status).toBe(404);
});

test.concurrent('on an application’s server with TLS the canary stays inside the process, and says so', async ({
  onTestFinished,
}) => {
  const folder = new TempFolder();
  onTestFinished(() => folder.remove());
  const tidings = await openTidings({ auth }, { kind: 'sqlite', path: folder.file() });
  onTestFinished(() => tidings.close());
  const application = createServer({ key: selfSigned.key, cert: selfSigned.certificate });
  tidings.attach(application);
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void application.close());
  const { port } = application.address() as AddressInfo;
  const health = () =>
    new Promise<SystemHealth>((resolve, reject) => {
      const options = { port, path: '/api/v1/health', rejectUnauthorized: false, agent: false };
      const asked = get({ ...options, headers: { authorization: `Bearer ${apiKey}` } }, (response) => {
        json(response).then((body) => resolve(body as SystemHealth), reject);
      });
      asked.on('error', reject);
    });
  const canary = {
    ...{ running: true, connects: 'in_process', websocket_ms: expect.any(Number), sse_ms: expect.any(Number) },
  };
  await holds(async () => expect(await health()).toMatchObject({ status: 'ok', canary }));
  expect((await health()).canary.long_poll_ms).toBeGreaterThan(0);
});

describe.concurrent('/ws/system-health/', () => {
  const admin = (claims: object = {}) => token({ sub: 'ann', roles: ['admin'], ...claims });

  test.concurrent('greets an administrator, shows all of it, and again at each change and every few seconds', async ({
    onTestFinished,
  }) => {
    const broker = new LosingBroker();
    const url = await startWith(onTestFinished, () => ({ broker }));
    const path = `/ws/system-health/?token=${admin()}`;
    const socket = new PlainSocket(url.replace('http', 'ws') + path, [], {}, await DocumentCheck.of(url));
    onTestFinished(() => socket.ws.terminate());
    const first = await socket.got('system_health');
    expect(socket.received.map(({ type }) => type)).toEqual(['connection_established', 'system_health']);
    expect(first).toMatchObject({
      status: 'ok',
      components: { store: { state: 'ok' } },
      incidents: [],
      other_nodes: [],
    });
    const begun = Date.now();
    await socket.got('system_health', 2);
    expect(Date.now() - begun).toBeLessThan(10_000);
    await beats(url);
    broker.isLosing = true;
    await holds(() => expect(socket.of('system_health').at(-1)?.status).toBe('degraded'));
    const changed = socket.of('system_health').find(({ status }) => status === 'degraded') as unknown as NodeHealth;
    // It was sent when it happened, and not when the next one was due.
    const [incident] = changed.incidents;
    expect(Math.abs(Date.parse(changed.at) - Date.parse(incident?.started_at ?? ''))).toBeLessThan(1_000);
    expect(socket.misfits).toEqual([]);
  }, 40_000);

  test.concurrent('turns away who has another role, and takes no actions on records', async ({ onTestFinished }) => {
    const server = await start(onTestFinished);
    const stranger = await server
      .open(`/ws/system-health/?token=${token({ sub: 'bob', roles: ['finance'] })}`)
      .settled();
    expect(stranger.refused).toMatchObject({ status: 403 });
    const page = await server
      .open(`/ws/system-health/?token=${token({ sub: 'bob' })}`, [], { origin: server.url })
      .settled();
    expect(page.closed).toMatchObject({ code: 4403 });
    const socket = server.open(`/ws/system-health/?token=${admin()}`);
    await socket.got('system_health');
    socket.say({ action: 'list', ref: 1 });
    expect(await socket.got('error')).toMatchObject({ ref: 1, code: 'bad_request' });
    socket.say({ action: 'ping', ref: 2 });
    expect(await socket.got('reply')).toMatchObject({ ref: 2 });
  });

  test.concurrent('ends within 5 s for who is no administrator any more, by whatever way the role has ended', async ({
    onTestFinished,
  }) => {
    const server = await start(onTestFinished);
    const [ann, ben] = [
      server.open(`/ws/system-health/?token=${admin()}`),
      server.open(`/ws/system-health/?token=${admin({ sub: 'ben' })}`),
    ];
    await Promise.all([ann.got('system_health'), ben.got('system_health')]);
    expect((await server.call('PUT', '/api/v1/users/ann/roles', { roles: [] })).status).toBe(200);
    expect((await server.call('POST', '/api/v1/tokens/revoke', { user: 'ben' })).status).toBe(200);
    await holds(() => expect([ann.closed?.code, ben.closed?.code]).toEqual([4403, 4401]), 5_000);
  });
});
