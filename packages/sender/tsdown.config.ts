import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'tsdown';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Options of both builds: one file, with the few lines of the protocol that it needs inside, so that nothing else is installed. */
const shared = {
  target: 'node18',
  fixedExtension: false,
  deps: { alwaysBundle: ['@tidings/protocol'] },
  inputOptions: { resolve: { conditionNames: ['tidings-source', 'import', 'default'] } },
} satisfies UserConfig;

export default defineConfig([
  { ...shared, entry: { index: './src/index.ts' }, format: ['esm', 'cjs'], platform: 'node', dts: { eager: true } },
  {
    ...shared,
    entry: { edge: './src/index.ts' },
    format: 'esm',
    platform: 'neutral',
    dts: false,
    clean: false,
    // This build looks for what Node's modules give instead of importing them.
    alias: { [file('./src/host/node.ts')]: file('./src/host/edge.ts') },
  },
]);
