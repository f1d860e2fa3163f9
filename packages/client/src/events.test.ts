import type { ServerFrame } from '@tidings/protocol';
import { expect, expectTypeOf, test } from 'vitest';
import { createTidingsClient } from './create-client.ts';

declare module '@tidings/protocol' {
  interface TidingsEvents {
    invoice_paid: { invoice_id: string; amount: number };
  }
}

test('types of frames follow their names, those that an application declared too', () => {
  const client = createTidingsClient({ url: 'http://127.0.0.1:1' });
  const offs = [
    client.on('task_update', (frame) => {
      expectTypeOf(frame.progress).toEqualTypeOf<number>();
      expectTypeOf(frame.type).toEqualTypeOf<'task_update'>();
    }),
    client.on('invoice_paid', (frame) => {
      expectTypeOf(frame.amount).toEqualTypeOf<number>();
      expectTypeOf(frame.data.invoice_id).toEqualTypeOf<string>();
      expectTypeOf(frame.rev).toEqualTypeOf<number>();
      // @ts-expect-error no such member
      frame.total;
    }),
    client.on('never_declared', (frame) => {
      expectTypeOf(frame.whatever).toEqualTypeOf<unknown>();
      expectTypeOf(frame.id).toEqualTypeOf<string>();
    }),
    client.on('*', (frame) => {
      expectTypeOf(frame).toEqualTypeOf<ServerFrame>();
      if (frame.type === 'user_file') expectTypeOf(frame.file_url).toEqualTypeOf<string>();
    }),
  ];
  for (const off of offs) expect(off()).toBeUndefined();
});
