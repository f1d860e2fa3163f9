import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './testing/longest-first.ts';

// Tests, and the processes that they start, compile each module once for all runs.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/node-compile', import.meta.url));

// For globalSetup, which runs here: a fresh clone has no dist to fall back on.
registerHooks({
  resolve: (name, context, next) => next(name, { ...context, conditions: [...context.conditions, 'tidings-source'] }),
});

export default defineConfig({
  test: {
    include: [
      '{packages,examples}/*/src/**/*.test.ts',
      'packages/*/testing/**/*.test.ts',
      '{bench,contract,e2e}/src/**/*.test.ts',
      'scripts/**/*.test.js',
    ],
    globalSetup: [
      'packages/server/testing/sqlite-template.ts',
      'packages/server/testing/postgres-door.ts',
      'testing/chromium-door.ts',
      'testing/server-door.ts',
      'packages/client/src/testing/bundle-door.ts',
    ],
    setupFiles: ['packages/server/testing/keep-threads.ts'],
    // Node runs the sources as they are, and each of the processes loads them once, for all files that it is given. Half of the time
    // of a file is waiting: four keep two cores busy.
    // No test replaces a module: Vitest need not read each for that.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    isolate: false,
    pool: 'forks',
    maxWorkers: 4,
    // Tests that say that they are concurrent mostly wait.
    maxConcurrency: 100,
    sequence: { sequencer: LongestFirst },
    execArgv: ['--conditions=tidings-source'],
    // For a machine that is several times slower, or busy: what hangs is found all the same.
    testTimeout: 60_000,
    expect: { poll: { timeout: 40_000 } },
    hookTimeout: 60_000,
  },
});
