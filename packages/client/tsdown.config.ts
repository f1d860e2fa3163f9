import { defineConfig } from 'tsdown';

export default defineConfig([
  {
    entry: {
      index: 'src/index.ts',
      'elements/index': 'src/elements/index.ts',
      'elements/define': 'src/elements/define.ts',
    },
    platform: 'neutral',
    target: 'es2022',
    dts: true,
  },
  {
    // The one-script build: everything inside, served by the server.
    entry: { tidings: 'src/script-tag/main.ts' },
    outDir: '../server/public',
    clean: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    dts: false,
    deps: { alwaysBundle: /./, onlyBundle: false },
    inputOptions: { resolve: { conditionNames: ['tidings-source', 'browser', 'import', 'module', 'default'] } },
    outputOptions: { entryFileNames: '[name].js' },
    // A script that is no module has neither of the two.
    define: { 'import.meta': '{}', 'process.env.NEXT_PUBLIC_TIDINGS_URL': 'undefined' },
  },
]);
