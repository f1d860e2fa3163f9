import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, test } from 'vitest';
import { npmTools } from './npm-tools.ts';
import { Served } from './served.ts';

/** Below this repository, so that the clients find the packages they import. */
const build = fileURLToPath(new URL('../build/test/', import.meta.url));

let served: Served;
beforeAll(async () => {
  served = await Served.start(build);
});
afterAll(() => served.close());

test.each(Object.entries(npmTools))(
  'a client made by %s compiles, sends, and reads the inbox and an error',
  async (name, make) => served.try(name, await make(served.document, join(build, name))),
  120_000,
);
