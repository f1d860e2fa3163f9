import type { AsyncStorage, Host } from './host.ts';
import { uuidV7 } from './uuid-v7.ts';

type StorageClass = new <T>() => AsyncStorage<T>;
interface EdgeGlobals {
  AsyncLocalStorage?: StorageClass;
  process?: { getBuiltinModule?(name: string): { AsyncLocalStorage?: StorageClass } | undefined };
}

/** Runtimes without Node's modules, or with some of them: nothing is imported, only looked for. */
export const host: Host = {
  asyncStorage<T>() {
    const globals = globalThis as EdgeGlobals;
    const Storage =
      globals.AsyncLocalStorage ?? globals.process?.getBuiltinModule?.('node:async_hooks')?.AsyncLocalStorage;
    return Storage ? new Storage<T>() : null;
  },
  readUpwards: () => null,
  randomId: () => uuidV7(crypto.randomUUID(), Date.now()),
};
