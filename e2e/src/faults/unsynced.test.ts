import { expect, test } from 'vitest';
import { unsyncedRanges } from './unsynced.ts';

test('what was written since the last sync that returned is unsynced, for each file by itself', () => {
  const trace = `7 pwrite64(28</d/t.db-wal>, "7\\177\\6\\2, 4)"..., 4120, 32) = 4120
7 pwrite64(27</d/t.db>, "x"..., 4096, 0) = 4096
7 fdatasync(28</d/t.db-wal>) = 0
7 pwrite64(28</d/t.db-wal>, "a"..., 24, 4152) = 24
7 pwrite64(28</d/t.db-wal>, "b"..., 4096, 4176) = 4096
7 fdatasync(28</d/t.db-wal> <unfinished ...>
7 +++ killed by SIGKILL +++`;
  expect([...unsyncedRanges(trace)]).toEqual([
    ['/d/t.db', [{ at: 0, length: 4096 }]],
    [
      '/d/t.db-wal',
      [
        { at: 4152, length: 24 },
        { at: 4176, length: 4096 },
      ],
    ],
  ]);
});
