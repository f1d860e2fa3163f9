import { expect, onTestFinished, test } from 'vitest';
import { RunningServer } from '../testing/running-server.ts';
import { canMount, smallDisk } from '../testing/small-disk.ts';
import { inSeconds } from '../testing/tokens.ts';

const send = (server: RunningServer, text = 'Hi') =>
  server.call('POST', '/api/v1/notifications', { to: { user: '1' }, title: 'Hi', message: text });
const isReady = async (server: RunningServer) => (await server.call('GET', '/readyz')).body.ready;

/** Sends until the disk has no room left. */
async function untilFull(server: RunningServer): Promise<void> {
  for (;;) {
    const { status, body } = await send(server, 'x'.repeat(2_000));
    if (status === 201) continue;
    expect({ status, body }).toMatchObject({ status: 507, body: { code: 'storage_full' } });
    return;
  }
}

test.skipIf(!canMount())(
  'on a full disk nothing is accepted, and reads, sockets, revocations and starts still work',
  async () => {
    const disk = smallDisk();
    const { database } = disk;
    const start = () => RunningServer.start({ database });
    const first = await start();
    expect((await send(first)).status).toBe(201);
    const roles = ['staff', 'admin'];
    const held = await first.join('1', { roles, iat: inSeconds(-60) });
    disk.fill();
    await untilFull(first);
    expect(await isReady(first)).toBe(false);
    expect((await first.callAs('1', 'GET', '/api/v1/inbox')).body.items.length).toBeGreaterThan(0);

    // A token that cannot be noted is let in, with the roles that are stored.
    const again = await first.join('1', { roles: ['staff', 'boss'], iat: inSeconds(-30) });
    expect(again.of('connection_established')[0]).toMatchObject({ roles });
    const newcomer = await first.join('2', { roles: ['staff'], iat: inSeconds(-30) });
    expect(newcomer.of('connection_established')[0]).toMatchObject({ roles: [] });

    expect((await first.call('POST', '/api/v1/tokens/revoke', { user: '1' })).status).toBe(200);
    await expect.poll(() => held.closed?.code).toBe(4401);
    expect((await send(first)).status).toBe(507);
    expect((await send(first)).status).toBe(507);
    await first.stop();
    disk.fill();

    const second = await start();
    onTestFinished(() => second.stop());
    expect(await isReady(second)).toBe(false);
    expect((await second.join('1', { iat: inSeconds(-60) })).refused?.status).toBe(401);
    expect((await second.callAs('3', 'GET', '/api/v1/inbox')).status).toBe(200);
    expect((await send(second)).status).toBe(507);

    disk.free();
    await expect.poll(() => isReady(second)).toBe(true);
    expect((await send(second)).status).toBe(201);
  },
  60_000,
);
