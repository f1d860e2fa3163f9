import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Host } from './host.ts';
import { uuidV7 } from './uuid-v7.ts';

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Node, Bun and Deno. */
export const host: Host = {
  asyncStorage: <T>() => new AsyncLocalStorage<T>(),
  readUpwards(relativePath) {
    for (let folder = process.cwd(); ; folder = dirname(folder)) {
      const path = join(folder, relativePath);
      const text = readIfThere(path);
      if (text !== null) return { path, text };
      if (dirname(folder) === folder) return null;
    }
  },
  randomId: () => uuidV7(randomUUID(), Date.now()),
};
