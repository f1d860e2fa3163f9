import { expect, test } from 'vitest';
import { beforeRooms, migrated } from '../../../testing/older-schema.ts';
import { StorePerson } from '../../../testing/store-person.ts';
import { event, member, put, rights } from '../../../testing/temp-store.ts';

test('memberships of roles from before there were rooms are none of rooms, and hold', async ({ onTestFinished }) => {
  const store = await migrated(
    onTestFinished,
    (before) => before.commit([rights('1', ['staff']), put({ id: 'a', topics: ['role:staff'] })]),
    beforeRooms,
  );
  const ann = new StorePerson(store, '1', ['staff']);
  const topic = 'room:project:12';
  await store.commit([put({ id: 'b', topics: ['role:staff'] }), member('1', topic, 'rw'), event('e', topic)]);
  expect(await ann.counts()).toEqual({ unread: 2, categories: {} });
  expect(await ann.list()).toEqual(['b', 'a']);
  expect(await store.roomMembership('1', 'role:staff')).toBeNull();
  expect(await store.roomMembers(topic, '', 10)).toMatchObject([{ userId: '1', access: 'rw' }]);
  await store.commit([rights('1', [], { issuedAt: 2_000 })]);
  expect(await store.roomMembership('1', topic)).toMatchObject({ access: 'rw' });
  expect(await ann.counts()).toEqual({ unread: 0, categories: {} });
});
