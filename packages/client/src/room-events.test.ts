import type { SentRoomEvent } from '@tidings/protocol';
import type { Tidings } from '@tidings/server';
import { expectTypeOf, test } from 'vitest';
import { createTidingsClient } from './create-client.ts';
import { room } from './room.ts';

declare module '@tidings/protocol' {
  interface TidingsRoomEvents {
    chair_moved: { chair: number; to: string };
    chairs_counted: { count?: number };
  }
}

test('events of a room have the types that the application declared, sent and received', () => {
  const mine = room(createTidingsClient({ url: 'http://127.0.0.1:1' }), 'project:12');
  mine.on('chair_moved', ({ data, room: name }) => {
    expectTypeOf(data).toEqualTypeOf<{ chair: number; to: string }>();
    expectTypeOf(name).toEqualTypeOf<string>();
    // @ts-expect-error no such member
    data.from;
  });
  for (const loose of ['*', 'never_declared', 'said' as string] as const)
    mine.on(loose, ({ data }) => expectTypeOf(data).toEqualTypeOf<Record<string, unknown>>());
  mine.on('*', (event) => event.event === 'said' && 'id' in event && expectTypeOf(event.id).toEqualTypeOf<string>());

  // Compiled and never called.
  const send = async ({ rooms }: Tidings) => {
    expectTypeOf(await mine.send('chair_moved', { chair: 7, to: 'left' })).toEqualTypeOf<SentRoomEvent>();
    await mine.send('chair_moved', { chair: 7, to: 'left' }, { ephemeral: true });
    await mine.send('chairs_counted');
    await mine.send('never_declared');
    await mine.send('never_declared', { whatever: 1 }, { mentions: ['43'] });
    // @ts-expect-error chair is a number
    await mine.send('chair_moved', { chair: '7', to: 'left' });
    // @ts-expect-error data is required
    await mine.send('chair_moved');
    await rooms.send('project:12', 'chair_moved', { chair: 7, to: 'left' }, { idempotencyKey: 'k' });
    await rooms.send('project:12', 'never_declared', { whatever: 1 });
    // @ts-expect-error no such member
    await rooms.send('project:12', 'chair_moved', { chair: 7, to: 'left', by: 'hand' });
  };
  expectTypeOf(send).toBeFunction();
});
