import { expect, test } from 'vitest';
import type { BindWrite } from '../domain/ports.ts';
import { Names } from './names.ts';

function names() {
  const bound: string[] = [];
  const made = new Names({
    async commit(writes) {
      for (const { userId, username } of writes as BindWrite[]) bound.push(`${userId}=${username}`);
      return writes.map(() => ({ status: 'unchanged' as const }));
    },
  });
  const bind = (id: string, username: string) => made.bind({ id, username, roles: [], grants: [], expiresAt: null });
  return { bound, bind };
}

test('binds a name once, however often its user comes', async () => {
  const { bound, bind } = names();
  for (let n = 0; n < 3; n++) await bind('1', 'ann');
  expect(bound).toEqual(['1=ann']);
});

test('binds anew a name that went to another, and one that its user had given up', async () => {
  const { bound, bind } = names();
  for (const [id, name] of [
    ['1', 'ann'],
    ['2', 'ann'],
    ['1', 'ann'],
    ['1', 'anna'],
    ['1', 'ann'],
  ] as const)
    await bind(id, name);
  expect(bound).toEqual(['1=ann', '2=ann', '1=ann', '1=anna', '1=ann']);
});
