import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Each test file has a process of its own, and some start the command: all of them read what is compiled already.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/node-compile', import.meta.url));

export default defineConfig({
  resolve: { conditions: ['tidings-source', 'node'] },
  ssr: { resolve: { conditions: ['tidings-source', 'node', 'module', 'default'] } },
  // The environment that globalSetup runs in: a fresh clone has no dist to fall back on.
  environments: { __vitest__: { resolve: { conditions: ['tidings-source', 'node', 'module', 'default'] } } },
  test: {
    include: [
      '{packages,examples}/*/src/**/*.test.ts',
      'packages/*/testing/**/*.test.ts',
      '{bench,contract,e2e}/src/**/*.test.ts',
      'scripts/**/*.test.js',
    ],
    globalSetup: [
      'packages/server/testing/postgres-door.ts',
      'testing/chromium-door.ts',
      'packages/client/src/testing/bundle-door.ts',
    ],
    pool: 'forks',
    maxWorkers: 2,
    execArgv: ['--conditions=tidings-source'],
    // For a machine that is several times slower, or busy: what hangs is found all the same.
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
  },
});
