import { expect, test } from 'vitest';
import { sqliteFixture, withStore } from '../../testing/databases.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import type { Store } from '../domain/ports.ts';
import { ApplicationRights } from './application-rights.ts';
import { RoomRights } from './room-rights.ts';

let store: Store;
withStore(sqliteFixture, (one) => {
  store = one;
});

const room = { kind: 'project', id: '12' };
const personOf = (id: string) => ({ id, username: id, roles: [], grants: [] });

/** Rights beside an application whose answers the test gives. */
function rights() {
  const clock = new ManualClock();
  const { promise: answer, resolve: becomes } = Promise.withResolvers<boolean>();
  const application = new ApplicationRights(() => answer, { clock, telemetry: { emit: () => {} } });
  return { clock, becomes, rights: new RoomRights({ store, application, clock, refusals: { note: () => {} } }) };
}

test('a member waits 200 ms for an application that hangs, and whoever else may be let in by it two seconds', async () => {
  await store.commit([{ op: 'member', userId: 'mia', topic: 'room:project:12', access: 'r', at: 1 }]);
  const { clock, rights: hanging } = rights();
  const [member, stranger] = [personOf('mia'), personOf('eve')];
  const settled: string[] = [];
  const reading = hanging.rightOf(member, 'read', room).finally(() => settled.push('read'));
  const writing = hanging.rightOf(member, 'write', room).finally(() => settled.push('write'));
  const others = hanging.rightOf(stranger, 'read', room).finally(() => settled.push('others'));
  await clock.advance(199);
  expect(settled).toEqual([]);
  await clock.advance(1);
  expect(await reading).toMatchObject({ source: 'membership' });
  const failing = Promise.allSettled([writing, others]);
  await clock.advance(1_799);
  expect(settled).toEqual(['read']);
  await clock.advance(1);
  expect(await failing).toMatchObject([{ reason: { code: 'unavailable' } }, { reason: { code: 'unavailable' } }]);
});

test('an application that answers late is heard, by those who are no members', async () => {
  const { clock, becomes, rights: late } = rights();
  const right = late.rightOf(personOf('dan'), 'read', room);
  await clock.advance(1_000);
  becomes(true);
  expect(await right).toEqual({ source: 'application', rev: 0 });
});
