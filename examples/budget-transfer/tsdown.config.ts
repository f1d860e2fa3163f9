import { defineConfig } from 'tsdown';

/** The one module of the page that has packages in it: CodeMirror and Yjs. It is served in the place of its source. */
export default defineConfig({
  entry: { editor: 'src/page/editor.js' },
  outDir: 'public/build',
  format: 'es',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  dts: false,
  deps: { alwaysBundle: /./, onlyBundle: false },
  inputOptions: { resolve: { conditionNames: ['tidings-source', 'browser', 'import', 'module', 'default'] } },
  outputOptions: { entryFileNames: '[name].js' },
  define: { 'process.env.NODE_ENV': '"production"' },
});
