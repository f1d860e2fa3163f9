import { fileURLToPath } from 'node:url';
import { defineConfig } from 'tsdown';
import { tightTemplates } from './build/tight-templates.ts';

const litCss = fileURLToPath(new URL('./build/lit-css.ts', import.meta.url));

/** The one-script build: everything inside, served by the server. */
export const script = defineConfig({
  entry: { tidings: 'src/script-tag/main.ts' },
  outDir: '../server/public',
  clean: false,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  dts: false,
  deps: { alwaysBundle: /./, onlyBundle: false },
  plugins: [
    tightTemplates(),
    { name: 'lit-css', resolveId: { filter: { id: /\/css-tag\.js$/ }, handler: () => litCss } },
  ],
  inputOptions: { resolve: { conditionNames: ['tidings-source', 'browser', 'import', 'module', 'default'] } },
  outputOptions: { entryFileNames: '[name].js' },
  define: {
    // A script that is no module has neither of the two.
    'import.meta': '{}',
    'process.env.NEXT_PUBLIC_TIDINGS_URL': 'undefined',
    // It runs in pages only, never while rendering on a server.
    'globalThis.window': 'true',
  },
});

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
  script,
]);
