import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['tidings-source', 'node'] },
  ssr: { resolve: { conditions: ['tidings-source', 'node', 'import', 'module', 'default'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts', 'bench/src/**/*.test.ts', 'e2e/src/**/*.test.ts'],
    pool: 'forks',
    execArgv: ['--conditions=tidings-source'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
